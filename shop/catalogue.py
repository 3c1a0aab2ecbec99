"""Reading the catalogue: products as lists and pages want them, in constant queries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch

from shop.models import Category, OptionGroup, Picture, Product, Variant


def products_for_list(**conditions: Any) -> list[Product]:
    """Listed products on sale, in the shop's order, with what a list shows of them.

    Three queries however many there are: category, active variants and pictures are
    loaded, and `asks_first` says whether something must be chosen before it is added.
    A product without an active variant cannot be bought and is left out.
    """
    required = OptionGroup.objects.filter(products=OuterRef("pk"), min_choices__gte=1)
    products = (
        Product.objects.filter(is_listed=True, **conditions)
        .select_related("category")
        .annotate(asks_first=Exists(required))
        .prefetch_related(
            Prefetch("variants", queryset=Variant.objects.filter(is_active=True)),
            "pictures",
        )
    )
    return [product for product in products if product.variants.all()]


def categories_of(products: Sequence[Product]) -> list[Category]:
    """The categories of these products, in the shop's order. No query."""
    found = {product.category_id: product.category for product in products}
    return sorted(found.values(), key=lambda each: (each.position, each.name))


def product_for_page(slug: str) -> tuple[Product, list[Product]] | None:
    """A listed product and the others of its category; None if there is no such one.

    Three queries; what the product asks about is read by choices.option_groups().
    """
    family = products_for_list(category__products__slug=slug)
    found = next((each for each in family if each.slug == slug), None)
    if found is None:
        return None
    return found, [each for each in family if each.pk != found.pk]


def picture_of(product: Product) -> Picture | None:
    """The first picture of a product from a list; None if it has none yet."""
    return next(iter(product.pictures.all()), None)


def page_picture(name: str) -> Picture | None:
    """The picture for a place in the shop's own pages, such as hero. One query."""
    return Picture.objects.filter(slot_name=name).first()
