"""Reading the catalogue: products as lists and pages want them, in constant queries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from shop.models import Category, OptionGroup, Picture, Product, Variant

# The order on a category's shelf; an index of the table gives it.
SHELF = ("position", "name", "pk")


def products_for_list(
    *conditions: Q, first: int | None = None, after: int = 0, **facts: Any
) -> list[Product]:
    """Listed products on sale, in the shop's order, with what a list shows of them.

    The `first` so many of those that come `after` so many, or all. Three queries
    however many there are: category, active variants and pictures are loaded, and
    `asks_first` says whether something must be chosen before it is added. A product
    without an active variant cannot be bought and is left out.
    """
    products = _on_sale().filter(*conditions, **facts)
    return list(
        _as_in_lists(products)[after : None if first is None else after + first]
    )


def products_of_shelf(slug: str, *, first: int, after: int = 0) -> list[Product]:
    """As products_for_list, of one category; reads no more of it than is shown."""
    category = Category.objects.filter(slug=slug).values("pk")[:1]
    products = _on_sale().filter(category=category).order_by(*SHELF)
    return list(_as_in_lists(products)[after : after + first])


def products_of_each_shelf(first: int, featured: int) -> list[Product]:
    """As products_for_list: the first so many of each category, and so many that are
    featured, wherever they stand."""
    place = Window(
        RowNumber(), partition_by=F("category"), order_by=[F(name) for name in SHELF]
    )
    in_front = _on_sale().order_by().annotate(place=place).filter(place__lte=first)
    chosen = Product.objects.filter(is_featured=True, is_listed=True).order_by(*SHELF)
    return products_for_list(
        Q(pk__in=in_front.values("pk")) | Q(pk__in=chosen.values("pk")[:featured])
    )


def _on_sale() -> QuerySet[Product]:
    active = Variant.objects.filter(product=OuterRef("pk"), is_active=True)
    return Product.objects.filter(Exists(active), is_listed=True)


def _as_in_lists(products: QuerySet[Product]) -> QuerySet[Product]:
    required = OptionGroup.objects.filter(products=OuterRef("pk"), min_choices__gte=1)
    return (
        products.select_related("category")
        .annotate(asks_first=Exists(required))
        .prefetch_related(
            Prefetch("variants", queryset=Variant.objects.filter(is_active=True)),
            "pictures",
        )
    )


def categories_of(products: Sequence[Product]) -> list[Category]:
    """The categories of these products, in the shop's order. No query."""
    found = {product.category_id: product.category for product in products}
    return sorted(found.values(), key=lambda each: (each.position, each.name))


def product_for_page(slug: str, related: int) -> tuple[Product, list[Product]] | None:
    """A listed product and so many others of its category; None if there is no such.

    Three queries; what the product asks about is read by choices.option_groups().
    """
    category = Product.objects.filter(slug=slug).values("category")[:1]
    shelf = _on_sale().filter(category=category).order_by(*SHELF)
    near = Q(pk__in=shelf.values("pk")[: related + 1])
    family = products_for_list(Q(slug=slug) | near)
    found = next((each for each in family if each.slug == slug), None)
    if found is None:
        return None
    return found, [each for each in family if each.pk != found.pk][:related]


def picture_of(product: Product) -> Picture | None:
    """The first picture of a product from a list; None if it has none yet."""
    return next(iter(product.pictures.all()), None)


def page_picture(name: str) -> Picture | None:
    """The picture for a place in the shop's own pages, such as hero. One query."""
    return Picture.objects.filter(slot_name=name).first()
