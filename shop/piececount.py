"""How many pieces of what the live orders of a day ask for, counted by the database."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, Min, OuterRef, Q, QuerySet, Sum

from shop.models import OptionGroup, Order, OrderLine, Variant

# What was promised is baked, also if it has been fetched already or never will be.
BAKED = (
    Order.State.CONFIRMED,
    Order.State.IN_PRODUCTION,
    Order.State.READY,
    Order.State.HANDED_OVER,
    Order.State.NOT_COLLECTED,
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


def count_pieces(date: datetime.date) -> dict[str, Counted]:
    """Pieces by sku, sold by themselves or picked for boxes. Two queries."""
    texts = _text_groups()
    counted: dict[str, Counted] = defaultdict(Counted)
    rows = (
        _live_lines(order__bake_day__date=date)
        .values_list("variant__sku", "options")
        .annotate(total=Sum("quantity"), ready_by=Min("order__slot__starts"))
    )
    for sku, options, total, ready_by in rows:
        counted[sku].add(total, ready_by, _choice_words(options, texts))
        for picked, pieces in _picks(options):
            counted[picked].add(total * pieces, ready_by, ["in boxes"])
    return counted


def _picks(options: list[dict[str, Any]]) -> list[tuple[str, int]]:
    """What the shopper picked for one box: skus with their number."""
    return [(each["sku"], each["pieces"]) for each in options if "sku" in each]


def _live_lines(**condition: Any) -> QuerySet[OrderLine]:
    return OrderLine.objects.filter(order__state__in=BAKED, **condition).order_by()


def _text_groups() -> set[str]:
    """Names of the groups whose choice is a text: no two are alike, so not counted."""
    texts = OptionGroup.objects.filter(kind=OptionGroup.Kind.TEXT)
    return set(texts.values_list("name", flat=True))


def _choice_words(options: list[dict[str, Any]], texts: set[str]) -> list[str]:
    return [
        f"{option['group']}: {option['choice']}"
        for option in options
        if "sku" not in option and option["group"] not in texts
    ]


def special_requests(date: datetime.date) -> dict[str, list[SpecialRequest]]:
    """Texts and notes by sku, in the order of the codes. Two queries."""
    texts = _text_groups()
    asks_for_text = OptionGroup.objects.filter(
        kind=OptionGroup.Kind.TEXT, products=OuterRef("variant__product")
    )
    rows = (
        _live_lines(order__bake_day__date=date)
        .filter(~Q(order__note="") | Exists(asks_for_text))
        .order_by("order__code", "pk")
        .values_list(
            "variant__sku", "quantity", "options", "order__code", "order__note"
        )
    )
    requests: dict[str, list[SpecialRequest]] = defaultdict(list)
    for sku, quantity, options, code, note in rows:
        words = [o["choice"] for o in options if o["group"] in texts]
        words += [note] if note else []
        if words:
            requests[sku].append(SpecialRequest(code, quantity, tuple(words)))
    return requests


def in_order_of_the_shelves(skus: Iterable[str]) -> list[Variant]:
    """The variants with product and category, in the catalogue's order. One query."""
    rows = Variant.objects.filter(sku__in=list(skus))
    return list(
        rows.select_related("product__category", "recipe").order_by(
            "product__category__position",
            "product__position",
            "product__name",
            "position",
            "pk",
        )
    )


def pieces_by_day(
    after: datetime.date, until: datetime.date
) -> dict[datetime.date, dict[Variant, int]]:
    """Pieces of each variant on the days after one day, up to another. Two queries."""
    rows = (
        _live_lines(order__bake_day__date__gt=after, order__bake_day__date__lte=until)
        .values_list("order__bake_day__date", "variant__sku", "options")
        .annotate(total=Sum("quantity"))
    )
    days: dict[datetime.date, Counter[str]] = defaultdict(Counter)
    for day, sku, options, total in rows:
        days[day][sku] += total
        for picked, pieces in _picks(options):
            days[day][picked] += total * pieces
    skus = {sku for counted in days.values() for sku in counted}
    variants = {variant.sku: variant for variant in in_order_of_the_shelves(skus)}
    return {
        day: {
            variants[sku]: pieces for sku, pieces in counted.items() if sku in variants
        }
        for day, counted in days.items()
    }
