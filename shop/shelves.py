"""The shop's shelves: how much stands on each, and which part of it a page shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from shop.models import Category, Product, Variant
from shop.remembered import find

# The order on a category's shelf; an index of the table gives it.
SHELF = ("position", "name", "pk")
# The order of the shelves; rows that are counted do not come in the table's own.
ORDER = ("position", "name", "pk")


class Shelf(NamedTuple):
    """A category, and how many of its products can be bought."""

    category: Category
    count: int


def shelves() -> list[Shelf]:
    """Those with anything on them, in the shop's order. One query at most; see
    shop/remembered.py."""
    return find("shelves", ["all"], _load_shelves)["all"]


def shelf_named(slug: str) -> Shelf | None:
    """As shelves(); None if there is nothing on it, or no such."""
    return next((each for each in shelves() if each.category.slug == slug), None)


def on_sale() -> QuerySet[Product]:
    """Listed, and at least one variant of it is active."""
    active = Variant.objects.filter(product=OuterRef("pk"), is_active=True)
    return Product.objects.filter(Exists(active), is_listed=True)


def part_of_shelf(
    category: int | QuerySet, *, first: int, after: int = 0
) -> QuerySet[Product]:
    """The keys of the first so many after so many, as a subquery. Reads by the index
    no more than it has to pass."""
    shelf = on_sale().filter(category=category).order_by(*SHELF)
    return shelf.values("pk")[after : after + first]


def part_of_shop(first: int, after: int = 0) -> Q:
    """A condition on products: the first so many after so many of all, shelf by shelf,
    so that nobody has to put the whole shop into order. As shelves()."""
    parts = []
    for shelf in shelves():
        if after < shelf.count and first > 0:
            parts.append(part_of_shelf(shelf.category.pk, first=first, after=after))
            first -= shelf.count - after
        after = max(0, after - shelf.count)
    return any_of(parts)


def any_of(parts: Sequence[QuerySet[Product]]) -> Q:
    """A condition on products: in one of these subqueries of keys, or more. No query.

    One list of keys of all of them: beside an OR PostgreSQL uses no index for a
    subquery, and would go through all there is.
    """
    if not parts:
        return Q(pk__in=[])
    # A part that ends after so many cannot be put together as it is in SQLite.
    keys = [Product.objects.filter(pk__in=part).order_by() for part in parts]
    first, *others = [each.values("pk") for each in keys]
    return Q(pk__in=first.union(*others, all=True) if others else parts[0])


def _load_shelves(keys: list[str]) -> dict[str, list[Shelf]]:
    rows = Category.objects.filter(products__in=on_sale().order_by()).order_by(*ORDER)
    found = [
        Shelf(category, category.count)
        for category in rows.annotate(count=Count("products"))
    ]
    return dict.fromkeys(keys, found)
