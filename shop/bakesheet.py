"""The bake sheet: what the bakers make on one day, counted from the orders."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils import timezone

from shop.models import BakeDay, Ingredient, Variant
from shop.piececount import (
    BAKED,
    Pieces,
    SpecialRequest,
    count_pieces,
    special_requests,
    text_groups,
)
from shop.recipes import BakePlan, DoughCard, RecipeBook, load_recipes


@dataclass(frozen=True)
class SheetLine:
    """All pieces of one variant. `choices` are words with their number of pieces."""

    variant: Variant
    pieces: int
    ready_by: datetime.time
    choices: tuple[tuple[str, int], ...] = ()
    requests: tuple[SpecialRequest, ...] = ()

    @property
    def trays(self) -> int:
        """Trays to put in, the last one perhaps not full."""
        return -(-self.pieces // self.variant.pieces_per_tray)

    @property
    def dough_g(self) -> int:
        return self.pieces * self.variant.dough_g


@dataclass(frozen=True)
class Ahead:
    """What has to be made today for a later bake day, in so many `days`."""

    date: datetime.date
    days: int
    cards: tuple[DoughCard, ...]


@dataclass(frozen=True)
class BakeSheet:
    """One day's work. `plan` is all that goes into the day's pieces, to the gram."""

    date: datetime.date
    made_at: datetime.datetime
    bake_day: BakeDay | None
    orders: int
    lines: tuple[SheetLine, ...]
    plan: BakePlan
    ahead: tuple[Ahead, ...]

    @property
    def pieces(self) -> int:
        return sum(line.pieces for line in self.lines)

    @property
    def trays(self) -> int:
        return sum(line.trays for line in self.lines)

    @property
    def doughs(self) -> list[DoughCard]:
        """What is mixed on the day itself."""
        return self.plan.on(0)

    @property
    def made_before(self) -> list[DoughCard]:
        """What had to be made on the days before, and should be there."""
        return [card for card in self.plan.cards if card.days_before > 0]

    @property
    def ingredients(self) -> list[tuple[Ingredient, int]]:
        """Everything bought in that the day's pieces hold, in grams, heaviest first."""
        amounts = sorted(self.plan.ingredients.items(), key=lambda pair: -pair[1])
        return [(self.plan.named[pk], grams) for pk, grams in amounts]


def bake_sheet(date: datetime.date) -> BakeSheet:
    """The sheet of a day, counted from its live orders at this moment.

    At most seven queries, for any number of orders. A day without an open oven has an
    empty sheet, which may still say what to prepare for the next one. Raises
    RecipeCycle if a recipe is made of itself.
    """
    book = load_recipes()
    days = _bake_days(date, date + datetime.timedelta(days=book.longest_way()))
    texts = text_groups()
    counted = count_pieces(days, texts)
    bake_day = next((day for day in days.values() if day.date == date), None)
    lines = ()
    if bake_day and bake_day.pk in counted:
        requests = special_requests(bake_day.pk, texts)
        lines = _lines(counted.pop(bake_day.pk), requests)
    return BakeSheet(
        date=date,
        made_at=timezone.now(),
        bake_day=bake_day,
        orders=bake_day.order_count if bake_day else 0,
        lines=lines,
        plan=book.plan({line.variant: line.pieces for line in lines}),
        ahead=_ahead(date, {days[pk]: each for pk, each in counted.items()}, book),
    )


def next_bake_date(today: datetime.date) -> datetime.date:
    """The date of the next bake day, today's included; today if there is none."""
    coming = BakeDay.objects.filter(date__gte=today)
    return coming.values_list("date", flat=True).first() or today


def _bake_days(first: datetime.date, last: datetime.date) -> dict[int, BakeDay]:
    """Those of the days that are bake days, by id, each with its number of orders."""
    live = Count("orders", filter=Q(orders__state__in=BAKED))
    days = BakeDay.objects.filter(date__range=(first, last))
    return {day.pk: day for day in days.annotate(order_count=live).order_by("date")}


def _lines(
    counted: Pieces, requests: Mapping[int, Iterable[SpecialRequest]]
) -> tuple[SheetLine, ...]:
    return tuple(
        SheetLine(
            variant=variant,
            pieces=each.pieces,
            ready_by=each.ready_by,
            choices=tuple(each.choices.most_common()),
            requests=tuple(requests.get(variant.pk, ())),
        )
        for variant, each in counted.items()
    )


def _ahead(
    date: datetime.date, counted: Mapping[BakeDay, Pieces], book: RecipeBook
) -> tuple[Ahead, ...]:
    found = []
    for day in sorted(counted, key=lambda day: day.date):
        days = (day.date - date).days
        pieces = {variant: each.pieces for variant, each in counted[day].items()}
        cards = book.made_before(pieces, days)
        if cards:
            found.append(Ahead(day.date, days, tuple(cards)))
    return tuple(found)
