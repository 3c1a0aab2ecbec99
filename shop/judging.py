"""Judges one date from what is loaded. shop.availability is the door to it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from shop import reasons
from shop.calendar import today
from shop.draws import demand_of
from shop.models import BakeDay, Variant
from shop.reasons import Reason
from shop.supply import Supply


@dataclass(frozen=True)
class Wish:
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


def judge(supply: Supply, wishes: Sequence[Wish], date: dt.date) -> DayAnswer:
    """The answer for one date from what is loaded. No query."""
    wanted: Counter[Variant] = Counter()
    for wish in wishes:
        wanted[wish.variant] += wish.quantity
    bake_day = supply.bake_days.get(date)
    against_day = _against_day(supply, date)
    if bake_day is None or against_day:
        found = [*_not_for_sale(wanted), *against_day]
        return DayAnswer(date, bake_day, tuple(found), None)
    found = [
        *_not_for_sale(wanted),
        *_against_products(supply, wanted, bake_day),
        *_against_limits(supply, wanted, bake_day),
        *([] if supply.has_free_slot(bake_day) else [reasons.no_slot(date)]),
    ]
    until = [supply.order_until(variant.product, bake_day) for variant in wanted]
    last_moment = min(until, default=bake_day.cut_off)
    return DayAnswer(date, bake_day, tuple(found), last_moment)


def _against_day(supply: Supply, date: dt.date) -> list[Reason]:
    closing = supply.hours.closing(date)
    if closing:
        return [reasons.closed(date, closing.reason)]
    bake_day = supply.bake_days.get(date)
    if bake_day is None:
        coming = date > today(supply.now) and supply.hours.is_working(date)
        return [reasons.not_open_yet(date) if coming else reasons.closed(date)]
    if bake_day.state != BakeDay.State.OPEN:
        return [reasons.orders_closed(date)]
    if bake_day.cut_off <= supply.asked_at(bake_day):
        return [reasons.past_cut_off(date, bake_day.cut_off)]
    return []


def _not_for_sale(wanted: Mapping[Variant, int]) -> Iterator[Reason]:
    pieces = Counter()
    for variant, quantity in wanted.items():
        pieces[variant.product_id] += quantity
    for variant in wanted:
        if not is_for_sale(variant):
            yield reasons.not_listed(variant)
        elif pieces[variant.product_id] > variant.product.max_per_order:
            yield reasons.max_per_order(variant)


def is_for_sale(variant: Variant) -> bool:
    return variant.is_active and variant.product.is_listed


def _against_products(
    supply: Supply, wanted: Mapping[Variant, int], bake_day: BakeDay
) -> Iterator[Reason]:
    for variant in filter(is_for_sale, wanted):
        code = _not_baked(supply, variant, bake_day)
        if code == "not_that_weekday":
            yield reasons.not_that_weekday(variant)
        elif code == "out_of_season":
            yield reasons.out_of_season(variant)
        elif code == "too_soon":
            until = supply.order_until(variant.product, bake_day)
            earliest = _earliest(supply, variant, wanted[variant], bake_day.date)
            yield reasons.too_soon(variant, until, earliest)


def _not_baked(supply: Supply, variant: Variant, bake_day: BakeDay) -> str:
    """Which rule of the calendar keeps the product from being baked; "" if none."""
    product = variant.product
    if not product.is_baked_on(bake_day.date.weekday()):
        return "not_that_weekday"
    if not product.is_in_season(f"{bake_day.date:%m-%d}"):
        return "out_of_season"
    if supply.order_until(product, bake_day) <= supply.asked_at(bake_day):
        return "too_soon"
    return ""


def _earliest(
    supply: Supply, variant: Variant, quantity: int, after: dt.date
) -> dt.date | None:
    """The first loaded date after that on which the variant alone can be had."""
    for date, bake_day in sorted(supply.bake_days.items()):
        if (
            date > after
            and not _against_day(supply, date)
            and not _not_baked(supply, variant, bake_day)
            and not any(_against_limits(supply, {variant: quantity}, bake_day))
            and supply.has_free_slot(bake_day)
        ):
            return date
    return None


def _against_limits(
    supply: Supply, wanted: Mapping[Variant, int], bake_day: BakeDay
) -> Iterator[Reason]:
    demand = demand_of(wanted.items(), supply.uses)
    for variant, quantity in wanted.items():
        if not is_for_sale(variant) or _not_baked(supply, variant, bake_day):
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
