"""What there is on some consecutive days: limits, slots, cut-offs, loaded once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import Q

from shop.calendar import instant
from shop.draws import Source, Uses, coming_back, demand_of, source_of, uses_of
from shop.hours import OpeningHours, load_hours
from shop.models import BakeDay, Capacity, Hold, Product, Variant

FEW_PIECES = 3
FEW_PERCENT = 10
NO_END = 1_000_000
# Dates further away than this are answered without looking anything up.
FAR_AWAY_DAYS = 366


class Room(NamedTuple):
    """What a limit still has; `left` is NO_END where staff allow overbooking."""

    left: int
    limit: int

    @property
    def is_few(self) -> bool:
        """So little that shoppers are told: three, or a tenth of the limit."""
        return self.left <= max(FEW_PIECES, self.limit * FEW_PERCENT // 100)


class SlotRoom(NamedTuple):
    """A slot, with the places it still has."""

    slot_id: int
    place_id: int
    starts: dt.time
    ends: dt.time
    room: Room


@dataclass
class Supply:
    """Everything that decides what can be had on the days from `first` to `last`.

    No method asks the database; load_supply does.
    """

    first: dt.date
    last: dt.date
    now: dt.datetime
    hold: Hold | None
    hours: OpeningHours
    bake_days: dict[dt.date, BakeDay]
    uses: Uses
    rooms: dict[tuple[int, Source], Room] = field(default_factory=dict)
    slots: dict[int, list[SlotRoom]] = field(default_factory=dict)

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
        is_its_day = hold.slot_id in (s.slot_id for s in self.slots_of(bake_day))
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
        for source, weight in demand_of([(variant, 1)], self.uses).items():
            room = self.rooms.get((bake_day.pk, source))
            if room:
                yield source, weight, room

    def slots_of(self, bake_day: BakeDay) -> list[SlotRoom]:
        return self.slots.get(bake_day.pk, [])

    def has_free_slot(self, bake_day: BakeDay) -> bool:
        """Is there a pick-up time with a free place that has not begun?"""
        return any(
            slot.room.left > 0
            and instant(bake_day.date, slot.starts) > self.now
            and self.hours.keeps(slot.place_id, bake_day.date, slot.starts, slot.ends)
            for slot in self.slots_of(bake_day)
        )


def load_supply(
    variants: Iterable[Variant],
    first: dt.date,
    last: dt.date,
    *,
    now: dt.datetime,
    hold: Hold | None = None,
    holds_end: bool = True,
) -> Supply:
    """Load it. Seven queries, for any number of variants and days.

    Draws of expired holds and of the shopper's own hold count as free. Without
    holds_end they are taken until they are swept, so that nothing but a limit's row
    moves what is left; six queries.
    """
    variants = list(variants)
    bake_days = BakeDay.objects.filter(date__range=(first, last))
    supply = Supply(
        first=first,
        last=last,
        now=now,
        hold=hold,
        hours=load_hours(first, last),
        bake_days={bake_day.date: bake_day for bake_day in bake_days},
        uses=uses_of(variant.pk for variant in variants),
    )
    ids = [bake_day.pk for bake_day in supply.bake_days.values()]
    of_these_days = Q(capacity__bake_day__in=ids)
    back = coming_back(of_these_days, now=now, hold=hold) if holds_end else {}
    _load_rooms(supply, {variant.product_id for variant in variants}, back)
    return supply


def room_of(capacity: Capacity, back: dict[int, int]) -> Room:
    """What the limit has left, with the units that are coming back."""
    if capacity.overbook_reason:
        return Room(NO_END, NO_END)
    left = capacity.limit - capacity.taken + back.get(capacity.pk, 0)
    return Room(max(0, left), capacity.limit)


def _load_rooms(supply: Supply, product_ids: set[int], back: dict[int, int]) -> None:
    ids = [bake_day.pk for bake_day in supply.bake_days.values()]
    resources = {resource for uses in supply.uses.values() for resource in uses}
    wanted = (
        Q(product__in=product_ids) | Q(resource__in=resources) | Q(slot__isnull=False)
    )
    limits = Capacity.objects.filter(wanted, bake_day__in=ids).select_related("slot")
    for capacity in limits:
        room = room_of(capacity, back)
        slot = capacity.slot
        if slot:
            supply.slots.setdefault(capacity.bake_day_id, []).append(
                SlotRoom(slot.pk, slot.place_id, slot.starts, slot.ends, room)
            )
        else:
            supply.rooms[capacity.bake_day_id, source_of(capacity)] = room
