"""Pick-up slots of a day and the places they have left."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils import timezone

from shop.calendar import instant
from shop.goods import slots_numbered
from shop.hours import OpeningHours, load_hours
from shop.models import BakeDay, Hold, Slot
from shop.rooms import SlotRoom, load_limits
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
    itself can be chosen is shop.availability's to say. Five queries; one where the
    catalogue is remembered (shop/remembered.py).
    """
    now = now or timezone.now()
    rooms = _places(bake_day, now, hold)
    return _answers(bake_day, rooms, load_hours(bake_day.date, bake_day.date), now)


def slots_in(supply: Supply, bake_day: BakeDay) -> list[SlotAnswer]:
    """The same from what is loaded. One query at most, for what slots are called."""
    return _answers(bake_day, supply.slots_of(bake_day), supply.hours, supply.now)


def slot_now(
    slot: Slot, *, now: dt.datetime | None = None, hold: Hold | None = None
) -> SlotAnswer | None:
    """What slots_on() says of one slot. None if it is not kept. Four queries; one where
    the catalogue is remembered."""
    now, day = now or timezone.now(), slot.bake_day
    rooms = _places(day, now, hold)
    return _answer_in(slot, rooms, load_hours(day.date, day.date), now)


def slot_in(supply: Supply, slot: Slot) -> SlotAnswer | None:
    """The same of one slot, from what is loaded. None if it is not kept. No query."""
    rooms = supply.slots_of(slot.bake_day)
    return _answer_in(slot, rooms, supply.hours, supply.now)


def nearest_free(
    slot: Slot, count: int = 3, *, now: dt.datetime | None = None
) -> list[SlotAnswer]:
    """Free slots of the same day nearest to this one, the same counter's first."""
    free = [answer for answer in slots_on(slot.bake_day, now=now) if answer.can]
    free = [answer for answer in free if answer.slot.pk != slot.pk]
    return sorted(free, key=lambda answer: _distance(slot, answer.slot))[:count]


def _places(
    bake_day: BakeDay, now: dt.datetime, hold: Hold | None
) -> Iterator[SlotRoom]:
    limits = load_limits([bake_day.pk], (), (), now=now, hold=hold)
    return limits.slots_on(bake_day.pk)


def _answers(
    bake_day: BakeDay, rooms: Iterable[SlotRoom], hours: OpeningHours, now: dt.datetime
) -> list[SlotAnswer]:
    kept = [each for each in rooms if _is_kept(each, bake_day, hours)]
    kept.sort(key=lambda each: (each.starts, hours.place_ids.index(each.place_id)))
    slots = slots_numbered(each.slot_id for each in kept)
    return [
        _answer(slots[each.slot_id], each.room.left, now)
        for each in kept
        if each.slot_id in slots
    ]


def _answer_in(
    slot: Slot, rooms: Iterable[SlotRoom], hours: OpeningHours, now: dt.datetime
) -> SlotAnswer | None:
    for each in rooms:
        if each.slot_id == slot.pk and _is_kept(each, slot.bake_day, hours):
            return _answer(slot, each.room.left, now)
    return None


def _is_kept(room: SlotRoom, bake_day: BakeDay, hours: OpeningHours) -> bool:
    return hours.keeps(room.place_id, bake_day.date, room.starts, room.ends)


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
