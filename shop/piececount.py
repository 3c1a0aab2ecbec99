"""How many pieces of what the live orders of a day ask for, counted by the database."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Min, Q, QuerySet, Sum

from shop.models import OptionGroup, Order, OrderLine, Variant

# What was promised is baked, also if it has been fetched already or never will be.
BAKED = (
    Order.State.CONFIRMED,
    Order.State.IN_PRODUCTION,
    Order.State.READY,
    Order.State.HANDED_OVER,
    Order.State.NOT_COLLECTED,
)


# Texts about a product are long, and a sheet has thousands of variants in a large shop.
SHEET_FIELDS = (
    *("sku", "name", "dough_g", "pieces_per_tray", "product__name"),
    *("product__category__name", "recipe__name"),
)


@dataclass(frozen=True)
class SpecialRequest:
    """What one shopper wrote about some pieces, in their words."""

    code: str
    pieces: int
    words: tuple[str, ...]


class Counted:
    """The pieces of one variant while the database's groups are added up."""

    def __init__(self) -> None:
        self.pieces = 0
        self.ready_by = datetime.time.max
        self.choices: Counter[str] = Counter()

    def add(self, pieces: int, ready_by: datetime.time, words: Iterable[str]) -> None:
        self.pieces += pieces
        self.ready_by = min(self.ready_by, ready_by)
        for word in words:
            self.choices[word] += pieces


Pieces = dict[Variant, Counted]


def count_pieces(
    bake_days: Collection[int], texts: Collection[str]
) -> dict[int, Pieces]:
    """Pieces of each variant by bake day, sold by themselves or picked for boxes.

    Variants are in the catalogue's order. `texts` are text_groups(): their choices
    are not counted. Two queries.
    """
    rows = list(
        _live_lines(order__bake_day__in=bake_days)
        .values_list("order__bake_day", "variant", "options")
        .annotate(total=Sum("quantity"), ready_by=Min("order__slot__starts"))
    )
    picked = {sku for row in rows for sku, _ in _picks(row[2])}
    variants = in_order_of_the_shelves({row[1] for row in rows}, picked)
    keys = {variant.sku: variant.pk for variant in variants}
    days: dict[int, dict[int, Counted]] = defaultdict(lambda: defaultdict(Counted))
    for day, key, options, total, ready_by in rows:
        counted = days[day]
        counted[key].add(total, ready_by, _choice_words(options, texts))
        for sku, pieces in _picks(options):
            if sku in keys:
                counted[keys[sku]].add(total * pieces, ready_by, ["in boxes"])
    return {
        day: {each: counted[each.pk] for each in variants if each.pk in counted}
        for day, counted in days.items()
    }


def _picks(options: list[dict[str, Any]]) -> list[tuple[str, int]]:
    """What the shopper picked for one box: skus with their number."""
    return [(each["sku"], each["pieces"]) for each in options if "sku" in each]


def _live_lines(**condition: Any) -> QuerySet[OrderLine]:
    return OrderLine.objects.filter(order__state__in=BAKED, **condition).order_by()


def text_groups() -> set[str]:
    """Names of the groups whose choice is a text, no two alike. One query."""
    texts = OptionGroup.objects.filter(kind=OptionGroup.Kind.TEXT)
    return set(texts.values_list("name", flat=True))


def _choice_words(options: list[dict[str, Any]], texts: Collection[str]) -> list[str]:
    return [
        f"{option['group']}: {option['choice']}"
        for option in options
        if "sku" not in option and option["group"] not in texts
    ]


def special_requests(
    bake_day: int, texts: Collection[str]
) -> dict[int, list[SpecialRequest]]:
    """Texts and notes by variant id, in the order of the codes. One query."""
    rows = (
        _live_lines(order__bake_day=bake_day)
        .filter(~Q(order__note="") | ~Q(options=[]))
        .order_by("order__code", "pk")
        .values_list("variant", "quantity", "options", "order__code", "order__note")
    )
    requests: dict[int, list[SpecialRequest]] = defaultdict(list)
    for variant, quantity, options, code, note in rows:
        words = [o["choice"] for o in options if o["group"] in texts]
        words += [note] if note else []
        if words:
            requests[variant].append(SpecialRequest(code, quantity, tuple(words)))
    return requests


def in_order_of_the_shelves(keys: Iterable[int], skus: Iterable[str]) -> list[Variant]:
    """The variants in the catalogue's order, with what a sheet says. One query."""
    rows = Variant.objects.filter(Q(pk__in=list(keys)) | Q(sku__in=list(skus)))
    return list(
        rows.select_related("product__category", "recipe")
        .only(*SHEET_FIELDS)
        .order_by(
            "product__category__position",
            "product__position",
            "product__name",
            "position",
            "pk",
        )
    )
