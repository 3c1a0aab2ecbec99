"""Reading the catalogue: what lists and pages show of products, in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from shop.draws import keep_uses
from shop.gathered import Gathered, put_at_hand, rows_of
from shop.models import (
    Category,
    Option,
    OptionGroup,
    Picture,
    Product,
    ResourceUse,
    Variant,
)
from shop.remembered import begin, find
from shop.shelves import (
    SHELF,
    any_of,
    on_sale,
    part_of_shelf,
    part_of_shop,
    shelves,
)


def products_for_list(
    *conditions: Q, first: int | None = None, after: int = 0, **facts: Any
) -> list[Product]:
    """Listed products on sale, in the shop's order, with what a list shows of them.

    The `first` so many of those that come `after` so many, or all. One query however
    many there are: category, active variants and pictures are loaded, and `asks_first`
    says whether something must be chosen before it is added. A product without an
    active variant cannot be bought and is left out.
    """
    products = on_sale().filter(*conditions, **facts)
    if first is not None:
        # First which ones, then what is shown of them: else the database puts together
        # what is shown of all those before them, too.
        products = on_sale().filter(pk__in=products.values("pk")[after : after + first])
    return read(products)


def products_of_shelf(slug: str, *, first: int, after: int = 0) -> list[Product]:
    """As products_for_list, of one category; reads no more of it than is shown."""
    category = Category.objects.filter(slug=slug).values("pk")[:1]
    shown = part_of_shelf(category, first=first, after=after)
    return read(on_sale().filter(pk__in=shown).order_by(*SHELF))


def products_of_each_shelf(first: int, featured: int) -> list[Product]:
    """As products_for_list: the first so many of each category, and so many that are
    featured, wherever they stand. Two queries more unless it is remembered."""
    fronts = [part_of_shelf(shelf.category.pk, first=first) for shelf in shelves()]
    chosen = Product.objects.filter(pk__in=featured_products(featured)).values("pk")
    return products_for_list(any_of([*fronts, chosen]))


def products_in_order(first: int, after: int) -> list[Product]:
    """As products_for_list, read by the index of the shelves. One query more unless
    these are remembered."""
    return products_for_list(part_of_shop(first, after))


def products_named(keys: Sequence[int]) -> list[Product]:
    """As products_for_list, in the order of these keys."""
    found = {each.pk: each for each in products_for_list(pk__in=keys)} if keys else {}
    return [found[key] for key in keys if key in found]


def featured_products(most: int) -> list[int]:
    """The keys of so many, in the order of the shelves. One query at most."""
    return find("featured", [most], _load_featured)[most]


def _load_featured(numbers: list[int]) -> dict[int, list[int]]:
    chosen = Product.objects.filter(is_featured=True, is_listed=True).order_by(*SHELF)
    return {most: list(chosen.values_list("pk", flat=True)[:most]) for most in numbers}


def popular_products(most: int) -> list[Product]:
    """As products_for_list, so many of the featured. One query at most: they are
    remembered, and shared."""
    return find("popular", [most], _load_popular)[most]


def _load_popular(numbers: list[int]) -> dict[int, list[Product]]:
    return {most: products_for_list(is_featured=True, first=most) for most in numbers}


def read(products: QuerySet[Product]) -> list[Product]:
    """These products as lists show them; see products_for_list. One query."""
    begin()
    required = OptionGroup.objects.filter(products=OuterRef("pk"), min_choices__gte=1)
    mine = {"product": OuterRef("pk")}
    rows = products.select_related("category").annotate(
        asks_first=Exists(required),
        packed_variants=Gathered(Variant.objects.filter(is_active=True, **mine)),
        packed_pictures=Gathered(Picture.objects.filter(**mine)),
        packed_uses=Gathered(
            ResourceUse.objects.filter(variant__product=OuterRef("pk"))
        ),
    )
    found = [_unpacked(product) for product in rows]
    keep_uses(_uses(found))
    return found


def _unpacked(product: Product) -> Product:
    variants = rows_of(Variant, product.packed_variants)
    pictures = rows_of(Picture, product.packed_pictures)
    for row in (*variants, *pictures):
        row.product = product
    put_at_hand(product, "variants", variants, Variant)
    put_at_hand(product, "pictures", pictures, Picture)
    product.active_variants = variants
    return product


def _uses(products: Iterable[Product]) -> dict[int, dict[int, int]]:
    uses: dict[int, dict[int, int]] = {}
    for product in products:
        uses |= {variant.pk: {} for variant in product.active_variants}
        for use in rows_of(ResourceUse, product.packed_uses):
            uses.setdefault(use.variant_id, {})[use.resource_id] = use.units
    return uses


def categories_of(products: Sequence[Product]) -> list[Category]:
    """The categories of these products, in the shop's order. No query."""
    found = {product.category_id: product.category for product in products}
    return sorted(found.values(), key=lambda each: (each.position, each.name))


def product_for_page(slug: str, related: int) -> tuple[Product, list[Product]] | None:
    """A listed product and so many others of its category; None if there is no such.

    Two queries: what it asks about is at hand, with the options that are on offer.
    """
    category = Product.objects.filter(slug=slug).values("category")[:1]
    near = part_of_shelf(category, first=related + 1)
    itself = Product.objects.filter(slug=slug).values("pk")
    family = products_for_list(any_of([itself, near]))
    found = next((each for each in family if each.slug == slug), None)
    if found is None:
        return None
    put_at_hand(found, "option_groups", _groups_of(found), OptionGroup)
    return found, [each for each in family if each.pk != found.pk][:related]


def _groups_of(product: Product) -> list[OptionGroup]:
    options = Option.objects.filter(group=OuterRef("pk"), is_active=True)
    groups = product.option_groups.annotate(
        packed_options=Gathered(options),
        packed_variants=Gathered(
            Variant.objects.filter(
                pk__in=Option.objects.filter(
                    group=OuterRef(OuterRef("pk")), is_active=True
                ).values("variant")
            )
        ),
    )
    return [_unpacked_group(group) for group in groups]


def _unpacked_group(group: OptionGroup) -> OptionGroup:
    options = rows_of(Option, group.packed_options)
    variants = {each.pk: each for each in rows_of(Variant, group.packed_variants)}
    for option in options:
        option.group = group
        option.variant = variants.get(option.variant_id)
    put_at_hand(group, "options", options, Option)
    return group


def picture_of(product: Product) -> Picture | None:
    """The first picture of a product from a list; None if it has none yet."""
    return next(iter(product.pictures.all()), None)


def page_picture(name: str) -> Picture | None:
    """The picture for a place in the shop's own pages, such as hero. One query at
    most; see shop/remembered.py."""
    return find("page pictures", [name], _load_page_pictures)[name]


def _load_page_pictures(names: list[str]) -> dict[str, Picture | None]:
    rows = Picture.objects.filter(slot_name__in=names).order_by("-position", "-pk")
    return dict.fromkeys(names) | {picture.slot_name: picture for picture in rows}
