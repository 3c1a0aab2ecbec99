"""The bake sheet: what the bakers make on one day, counted from the orders."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils import timezone

from shop.models import BakeDay, Ingredient, Variant
from shop.piececount import (
    BAKED,
    SpecialRequest,
    count_pieces,
    in_order_of_the_shelves,
    pieces_by_day,
    special_requests,
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

    At most ten queries, for any number of orders. A day without an open oven has an
    empty sheet, which may still say what to prepare for the next one. Raises
    RecipeCycle if a recipe is made of itself.
    """
    book = load_recipes()
    bake_day = _bake_day(date)
    lines = _lines(date) if bake_day else ()
    return BakeSheet(
        date=date,
        made_at=timezone.now(),
        bake_day=bake_day,
        orders=bake_day.order_count if bake_day else 0,
        lines=lines,
        plan=book.plan({line.variant: line.pieces for line in lines}),
        ahead=_ahead(date, book),
    )


def next_bake_date(today: datetime.date) -> datetime.date:
    """The date of the next bake day, today's included; today if there is none."""
    coming = BakeDay.objects.filter(date__gte=today)
    return coming.values_list("date", flat=True).first() or today


def _bake_day(date: datetime.date) -> BakeDay | None:
    live = Count("orders", filter=Q(orders__state__in=BAKED))
    return BakeDay.objects.filter(date=date).annotate(order_count=live).first()


def _lines(date: datetime.date) -> tuple[SheetLine, ...]:
    counted = count_pieces(date)
    requests = special_requests(date)
    return tuple(
        SheetLine(
            variant=variant,
            pieces=counted[variant.sku].pieces,
            ready_by=counted[variant.sku].ready_by,
            choices=tuple(counted[variant.sku].choices.most_common()),
            requests=tuple(requests.get(variant.sku, ())),
        )
        for variant in in_order_of_the_shelves(counted)
    )


def _ahead(date: datetime.date, book: RecipeBook) -> tuple[Ahead, ...]:
    furthest = date + datetime.timedelta(days=_longest_way(book))
    if furthest == date:
        return ()
    found = []
    for day, pieces in sorted(pieces_by_day(date, furthest).items()):
        days = (day - date).days
        cards = book.plan(pieces).on(days)
        if cards:
            found.append(Ahead(day, days, tuple(cards)))
    return tuple(found)


def _longest_way(book: RecipeBook) -> int:
    """How many days before baking the very first thing is made."""
    return max((max(book.explode(pk, 1).by_day) for pk in book.recipes), default=0)
