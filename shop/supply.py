"""What there is on some consecutive days: limits, slots, cut-offs, loaded once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from shop.calendar import instant
from shop.draws import Source, Uses, demand_of, uses_of
from shop.hours import Days, OpeningHours, load_hours
from shop.models import BakeDay, Hold, Product, Variant
from shop.remembered import find
from shop.rooms import (
    FEW_PERCENT,
    FEW_PIECES,
    NO_END,
    Kept,
    Limits,
    Room,
    SlotRoom,
    load_limits,
)

__all__ = [
    "FAR_AWAY_DAYS",
    "FEW_PERCENT",
    "FEW_PIECES",
    "NO_END",
    "Room",
    "SlotRoom",
    "Supply",
    "load_supply",
]

# Dates further away than this are answered without looking anything up.
FAR_AWAY_DAYS = 366


@dataclass
class Supply:
    """Everything that decides what can be had on the days from `first` to `last`.

    No method asks the database, but for days that load_supply() has left for later.
    """

    first: dt.date
    last: dt.date
    now: dt.datetime
    hold: Kept | None
    hours: OpeningHours
    bake_days: dict[dt.date, BakeDay]
    uses: Uses
    limits: Limits = field(default_factory=Limits)
    _weights: dict[int, Mapping[Source, int]] = field(default_factory=dict)

    @property
    def dates(self) -> Iterator[dt.date]:
        for days in range((self.last - self.first).days + 1):
            yield self.first + dt.timedelta(days=days)

    def asked_at(self, bake_day: BakeDay) -> dt.datetime:
        """The moment that cut-offs are compared with.

        It is now, but for the day of a live hold it is when the hold began: whoever
        entered checkout in time may finish.
        """
        hold = self.hold
        if hold is None or hold.expires_at <= self.now:
            return self.now
        is_its_day = hold.bake_day_id == bake_day.pk
        return min(hold.created_at, self.now) if is_its_day else self.now

    def order_until(self, product: Product, bake_day: BakeDay) -> dt.datetime:
        """The last moment to order the product for that day.

        Never after the day's own cut-off. What needs one working day and has no time
        of its own goes by the day's cut-off alone, so that staff can move it.
        """
        if product.lead_days <= 1 and product.order_until is None:
            return bake_day.cut_off
        own = self.hours.cut_off(bake_day.date, product.lead_days, product.order_until)
        return min(own, bake_day.cut_off)

    def rooms_for(
        self, variant: Variant, bake_day: BakeDay
    ) -> Iterator[tuple[Source, int, Room]]:
        """Each limit the variant draws from: source, units that one draws, room."""
        rooms = self.limits.rooms_on(bake_day.pk)
        for source, weight in self._weights_of(variant).items():
            room = rooms.get(source)
            if room:
                yield source, weight, room

    def is_short_of(self, demand: Mapping[Source, int], bake_day: BakeDay) -> bool:
        """Has any limit of that day less than so many units left?"""
        rooms = self.limits.rooms_on(bake_day.pk)
        return any(
            source in rooms and rooms[source].left < units
            for source, units in demand.items()
        )

    def _weights_of(self, variant: Variant) -> Mapping[Source, int]:
        if variant.pk not in self._weights:
            self._weights[variant.pk] = demand_of([(variant, 1)], self.uses)
        return self._weights[variant.pk]

    def slots_of(self, bake_day: BakeDay) -> Iterator[SlotRoom]:
        return self.limits.slots_on(bake_day.pk)

    def has_free_slot(self, bake_day: BakeDay) -> bool:
        """Is there a pick-up time with a free place that has not begun?"""
        return any(
            slot.room.left > 0
            and instant(bake_day.date, slot.starts) > self.now
            and self.hours.keeps(slot.place_id, bake_day.date, slot.starts, slot.ends)
            for slot in self.slots_of(bake_day)
        )


# Dates that will be looked at, of a supply without limits.
Near = Callable[[Supply], Iterable[dt.date]]


def load_supply(
    variants: Iterable[Variant],
    first: dt.date,
    last: dt.date,
    *,
    now: dt.datetime,
    hold: Hold | None = None,
    token: str = "",
    holds_end: bool = True,
    near: Near | None = None,
) -> Supply:
    """Load it. Six queries, for any number of variants and days; one where the
    catalogue is remembered (shop/remembered.py).

    Draws of expired holds and of the shopper's own hold count as free: of `hold`, or
    of the live one of the basket with that token. Without holds_end they are taken
    until they are swept, so that nothing but a limit's row moves what is left.

    `near` tells from the calendar, before any limit is known, which dates will be
    looked at; the limits of the others take one query more, if they are looked at.
    """
    variants = list(variants)
    bake_days = _bake_days(first, last)
    uses = uses_of(variant.pk for variant in variants)
    hours = load_hours(first, last)
    supply = Supply(first, last, now, None, hours, bake_days, uses)
    dates = set(near(supply)) if near else bake_days
    limits = load_limits(
        [each.pk for date, each in bake_days.items() if date in dates],
        {variant.product_id for variant in variants},
        {resource for used in uses.values() for resource in used},
        now=now,
        hold=hold,
        token=token,
        holds_end=holds_end,
        later={each.pk for date, each in bake_days.items() if date not in dates},
    )
    return replace(supply, hold=limits.kept, limits=limits)


def _bake_days(first: dt.date, last: dt.date) -> dict[dt.date, BakeDay]:
    return find("bake days", [(first, last)], _load_bake_days)[first, last]


def _load_bake_days(spans: list[Days]) -> dict[Days, dict[dt.date, BakeDay]]:
    return {
        days: {each.date: each for each in BakeDay.objects.filter(date__range=days)}
        for days in spans
    }
