"""Pick-up slots of a day and the places they have left."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from shop.calendar import instant
from shop.draws import coming_back
from shop.hours import load_hours
from shop.models import BakeDay, Capacity, Hold, Slot
from shop.rooms import room_left
from shop.supply import Supply


@dataclass(frozen=True)
class SlotAnswer:
    """A slot, the places left in it, and in words whether it can be chosen."""

    slot: Slot
    left: int
    can: bool
    sentence: str


def slots_on(
    bake_day: BakeDay, *, now: dt.datetime | None = None, hold: Hold | None = None
) -> list[SlotAnswer]:
    """The day's slots at open counters, earliest first.

    A place that the shopper's own hold keeps counts as free for them. Whether the day
    itself can be chosen is shop.availability's to say. Five queries; two where the
    catalogue is remembered (shop/remembered.py).
    """
    now = now or timezone.now()
    hours = load_hours(bake_day.date, bake_day.date)
    back = coming_back(
        Q(capacity__bake_day=bake_day, capacity__slot__isnull=False), now=now, hold=hold
    )
    places = (
        Capacity.objects.filter(bake_day=bake_day, slot__isnull=False)
        .select_related("slot__place")
        .order_by("slot__starts", "slot__place__position", "slot__place__name")
    )
    answers = []
    for capacity in places:
        slot = capacity.slot
        slot.bake_day = bake_day
        if hours.keeps(slot.place_id, bake_day.date, slot.starts, slot.ends):
            room = room_left(
                capacity.limit,
                capacity.taken,
                back.get(capacity.pk, 0),
                capacity.overbook_reason,
            )
            answers.append(_answer(slot, room.left, now))
    return answers


def slot_in(supply: Supply, slot: Slot) -> SlotAnswer | None:
    """The same of one slot, from what is loaded. None if it is not kept. No query."""
    day = slot.bake_day
    for each in supply.slots_of(day):
        if each.slot_id == slot.pk:
            kept = supply.hours.keeps(each.place_id, day.date, each.starts, each.ends)
            return _answer(slot, each.room.left, supply.now) if kept else None
    return None


def nearest_free(
    slot: Slot, count: int = 3, *, now: dt.datetime | None = None
) -> list[SlotAnswer]:
    """Free slots of the same day nearest to this one, the same counter's first."""
    free = [answer for answer in slots_on(slot.bake_day, now=now) if answer.can]
    free = [answer for answer in free if answer.slot.pk != slot.pk]
    return sorted(free, key=lambda answer: _distance(slot, answer.slot))[:count]


def _answer(slot: Slot, left: int, now: dt.datetime) -> SlotAnswer:
    if instant(slot.bake_day.date, slot.starts) <= now:
        return SlotAnswer(slot, left, False, "over")
    if left <= 0:
        return SlotAnswer(slot, 0, False, "full")
    return SlotAnswer(slot, left, True, f"{left} left")


def _distance(wished: Slot, other: Slot) -> tuple[bool, int, dt.time]:
    apart = abs(_minutes(other.starts) - _minutes(wished.starts))
    return (other.place_id != wished.place_id, apart, other.starts)


def _minutes(time: dt.time) -> int:
    return time.hour * 60 + time.minute
