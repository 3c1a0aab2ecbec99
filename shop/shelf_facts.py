"""The little that decides what a category's filter keeps, of everything on the shelf.

What can be had on a day is judged, not stored. Of thousands of products most are alike
in all that is judged: baked on the same days, ordered by the same hour, drawing the
same from the oven. So one of each kind is judged for all of them. What has a limit of
its own is alike to nothing else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef
from django.db.models.fields.json import KT

from shop.calendar import today
from shop.catalogue import read
from shop.judging import Wish, is_for_sale, judge
from shop.models import Capacity, Product, ResourceUse, Variant
from shop.remembered import find
from shop.shelves import SHELF, on_sale
from shop.supply import Supply

# Codes of a label in its JSON begin like this.
NUTS = ('"nuts.', '"peanuts')
# What the calendar asks of a product; see shop/judging.py.
JUDGED = ("weekdays", "season_start", "season_end", "lead_days", "order_until")


class Fact(NamedTuple):
    """A product: is it vegan, are nuts named in a label, the example of its kind."""

    key: int
    is_vegan: bool
    has_nuts: bool
    example: int


@dataclass(frozen=True)
class ShelfFacts:
    """All that can be bought of a category, in its order, and one of each kind."""

    facts: list[Fact]
    examples: list[Product]

    def can_be_had(self, supply: Supply, date: dt.date) -> set[int]:
        """The examples that can be had; the supply is loaded for all. No query."""
        return {each.pk for each in self.examples if _can(supply, each, date)}


def facts_of_shelf(slug: str) -> ShelfFacts:
    """Of no such category, nothing. Three queries at most; see shop/remembered.py."""
    found = find("shelf facts", [slug], _load)
    return found.get(slug, ShelfFacts([], []))


def _can(supply: Supply, product: Product, date: dt.date) -> bool:
    """As ProductOffer.can, without looking for the next date."""
    return any(
        judge(supply, [Wish(variant, 1)], date).can
        for variant in product.variants.all()
        if is_for_sale(variant)
    )


def _load(slugs: list[str]) -> dict[str, ShelfFacts]:
    found = {slug: _load_one(slug) for slug in slugs}
    return {slug: shelf for slug, shelf in found.items() if shelf.facts}


def _load_one(slug: str) -> ShelfFacts:
    uses = _load_uses(slug)
    examples: dict[Any, int] = {}
    facts = []
    for key, rows in groupby(_load_variants(slug), key=lambda row: row["product"]):
        variants = list(rows)
        example = examples.setdefault(_kind(variants, uses), key)
        vegan = variants[0]["diet"] == "vegan"
        facts.append(Fact(key, vegan, any(map(_has_nuts, variants)), example))
    if not facts:
        return ShelfFacts([], [])
    return ShelfFacts(facts, read(on_sale().filter(pk__in=examples.values())))


def _load_variants(slug: str) -> Iterator[dict[str, Any]]:
    rows = Variant.objects.filter(
        is_active=True, product__is_listed=True, product__category__slug=slug
    ).order_by(*(f"product__{each}" for each in SHELF), "position", "pk")
    limited = Capacity.objects.filter(
        product=OuterRef("product"), bake_day__date__gte=today()
    )
    return rows.values(
        *("pk", "product", "pieces"),
        *(f"product__{each}" for each in JUDGED),
        diet=KT("label__diet"),
        allergens=KT("label__allergens"),
        traces=KT("label__may_contain"),
        limited=Exists(limited),
    ).iterator(chunk_size=2_000)


def _load_uses(slug: str) -> dict[int, tuple[tuple[int, int], ...]]:
    rows = ResourceUse.objects.filter(variant__product__category__slug=slug)
    rows = rows.order_by("variant", "resource")
    drawn = rows.values_list("variant", "resource", "units")
    return {
        variant: tuple((resource, units) for _, resource, units in members)
        for variant, members in groupby(drawn, key=lambda row: row[0])
    }


def _kind(variants: list[dict[str, Any]], uses: dict[int, tuple]) -> tuple:
    """Equal for products about which every day says the same."""
    first = variants[0]
    return (
        *(first[f"product__{each}"] for each in JUDGED),
        frozenset((row["pieces"], uses.get(row["pk"], ())) for row in variants),
        first["product"] if first["limited"] else 0,
    )


def _has_nuts(row: dict[str, Any]) -> bool:
    """Named in a label, be it only as a trace: whoever ticks the box means it."""
    named: Iterable[str] = filter(None, (row["allergens"], row["traces"]))
    return any(nut in words for words in named for nut in NUTS)
