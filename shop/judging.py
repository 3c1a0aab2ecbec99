"""Judges one date from what is loaded. shop.availability is the door to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from shop import reasons
from shop.calendar import today
from shop.draws import Source, demand_of
from shop.models import BakeDay, Variant
from shop.reasons import Reason
from shop.supply import Supply


class Wish(NamedTuple):
    """So many of one variant. The variant's product is at hand without a query."""

    variant: Variant
    quantity: int


@dataclass(frozen=True)
class DayAnswer:
    """Can all wishes be had on that date? If not, everything that stands against it.

    `order_until` is the last moment to order all of it for that day.
    """

    date: dt.date
    bake_day: BakeDay | None
    reasons: tuple[Reason, ...]
    order_until: dt.datetime | None

    @property
    def can(self) -> bool:
        return not self.reasons


class Judge:
    """Judges one date after another for the same wishes. No query."""

    def __init__(self, supply: Supply, wishes: Sequence[Wish]) -> None:
        self._supply = supply
        self._wanted = _summed(wishes)
        self._not_for_sale = tuple(_not_for_sale(self._wanted))
        self._demand = demand_of(self._wanted, supply.uses)

    def on(self, date: dt.date) -> DayAnswer:
        """The answer for that date, from what is loaded."""
        supply, bake_day = self._supply, self._supply.bake_days.get(date)
        against_day = _against_day(supply, date)
        if bake_day is None or against_day:
            found = (*self._not_for_sale, *against_day)
            return DayAnswer(date, bake_day, found, None)
        baked = [w for w in self._wanted if not _not_baked(supply, w.variant, bake_day)]
        found = (
            *self._not_for_sale,
            *_against_products(supply, self._wanted, bake_day, baked),
            *_against_limits(supply, baked, bake_day, self._demand),
            *(() if supply.has_free_slot(bake_day) else [reasons.no_slot(date)]),
        )
        until = [supply.order_until(w.variant.product, bake_day) for w in self._wanted]
        last_moment = min(until, default=bake_day.cut_off)
        return DayAnswer(date, bake_day, found, last_moment)


def likely_dates(
    supply: Supply, wishes: Sequence[Wish], most: int
) -> Iterator[dt.date]:
    """The first dates that the calendar allows, whatever limits will say. No query."""
    variants = [wish.variant for wish in wishes]
    allowed = (
        date
        for date, bake_day in sorted(supply.bake_days.items())
        if is_open(supply, date)
        and not any(_not_baked(supply, variant, bake_day) for variant in variants)
    )
    return islice(allowed, most)


def is_open(supply: Supply, date: dt.date) -> bool:
    """Can anything at all be ordered for that date, as hours and cut-off go? Without
    the sentences of on(), which take longer than to find out. No query."""
    bake_day = supply.bake_days.get(date)
    return (
        bake_day is not None
        and bake_day.state == BakeDay.State.OPEN
        and bake_day.cut_off > supply.asked_at(bake_day)
        and supply.hours.closing(date) is None
    )


def judge(supply: Supply, wishes: Sequence[Wish], date: dt.date) -> DayAnswer:
    """The answer for one date from what is loaded. No query."""
    return Judge(supply, wishes).on(date)


def _summed(wishes: Sequence[Wish]) -> list[Wish]:
    """Each variant once, in the order in which they were first wished."""
    found: dict[int, Wish] = {}
    for wish in wishes:
        before = found.get(wish.variant.pk)
        more = before.quantity if before else 0
        found[wish.variant.pk] = Wish(wish.variant, wish.quantity + more)
    return list(found.values())


def _against_day(supply: Supply, date: dt.date) -> list[Reason]:
    if is_open(supply, date):
        return []
    closing = supply.hours.closing(date)
    if closing:
        return [reasons.closed(date, closing.reason)]
    bake_day = supply.bake_days.get(date)
    if bake_day is None:
        coming = date > today(supply.now) and supply.hours.is_working(date)
        return [reasons.not_open_yet(date) if coming else reasons.closed(date)]
    if bake_day.state != BakeDay.State.OPEN:
        return [reasons.orders_closed(date)]
    return [reasons.past_cut_off(date, bake_day.cut_off)]


def _not_for_sale(wanted: Sequence[Wish]) -> Iterator[Reason]:
    pieces: dict[int, int] = {}
    for variant, quantity in wanted:
        pieces[variant.product_id] = pieces.get(variant.product_id, 0) + quantity
    for variant, _ in wanted:
        if not is_for_sale(variant):
            yield reasons.not_listed(variant)
        elif pieces[variant.product_id] > variant.product.max_per_order:
            yield reasons.max_per_order(variant)


def is_for_sale(variant: Variant) -> bool:
    return variant.is_active and variant.product.is_listed


def _against_products(
    supply: Supply, wanted: Sequence[Wish], bake_day: BakeDay, baked: Sequence[Wish]
) -> Iterator[Reason]:
    if len(baked) == len(wanted):
        return
    for wish in wanted:
        variant = wish.variant
        if not is_for_sale(variant):
            continue
        code = _not_baked(supply, variant, bake_day)
        if code == "not_that_weekday":
            yield reasons.not_that_weekday(variant)
        elif code == "out_of_season":
            yield reasons.out_of_season(variant)
        elif code == "too_soon":
            until = supply.order_until(variant.product, bake_day)
            earliest = _earliest(supply, wish, bake_day.date)
            yield reasons.too_soon(variant, until, earliest)


def _not_baked(supply: Supply, variant: Variant, bake_day: BakeDay) -> str:
    """Which rule of the calendar keeps the product from being baked; "" if none."""
    product = variant.product
    if not product.is_baked_on(bake_day.date.weekday()):
        return "not_that_weekday"
    if not product.is_in_season(bake_day.date.isoformat()[5:]):
        return "out_of_season"
    if supply.order_until(product, bake_day) <= supply.asked_at(bake_day):
        return "too_soon"
    return ""


def _earliest(supply: Supply, wish: Wish, after: dt.date) -> dt.date | None:
    """The first loaded date after that on which the wish alone can be had."""
    alone = demand_of([wish], supply.uses)
    for date, bake_day in sorted(supply.bake_days.items()):
        if (
            date > after
            and not _against_day(supply, date)
            and not _not_baked(supply, wish.variant, bake_day)
            and not any(_against_limits(supply, [wish], bake_day, alone))
            and supply.has_free_slot(bake_day)
        ):
            return date
    return None


def _against_limits(
    supply: Supply,
    baked: Sequence[Wish],
    bake_day: BakeDay,
    demand: Mapping[Source, int],
) -> Iterator[Reason]:
    """`demand` is what all wishes draw, those too that are not baked that day."""
    if not supply.is_short_of(demand, bake_day):
        return
    for variant, quantity in baked:
        if not is_for_sale(variant):
            continue
        rooms = list(supply.rooms_for(variant, bake_day))
        beside = min(
            ((r.left - demand[s]) // weight + quantity for s, weight, r in rooms),
            default=quantity,
        )
        if beside < quantity:
            yield reasons.not_enough(
                variant,
                bake_day.date,
                left=max(0, beside),
                alone=min(room.left // weight for _, weight, room in rooms),
                wanted=quantity,
            )
