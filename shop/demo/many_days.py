"""The bake days of years gone by, each like the next open one of its weekday."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction

from shop.demo.bulk import advance_keys, last_keys, write_rows
from shop.draws import Source, source_of
from shop.models import BakeDay, Capacity, Slot

BATCH = 60


@dataclass(eq=False)
class Day:
    """A bake day with its slots (id to start) and limits (source to id)."""

    pk: int
    date: dt.date
    is_past: bool
    slots: dict[int, dt.time] = field(default_factory=dict)
    limits: dict[Source, int] = field(default_factory=dict)


def load_days(dates: Iterable[dt.date], today: dt.date) -> list[Day]:
    """Those of the dates that are bake days, in their order. Three queries."""
    rows = BakeDay.objects.filter(date__in=list(dates)).order_by("date")
    days = {each.pk: Day(each.pk, each.date, each.date < today) for each in rows}
    for slot in Slot.objects.filter(bake_day__in=days):
        days[slot.bake_day_id].slots[slot.pk] = slot.starts
    for limit in Capacity.objects.filter(bake_day__in=days):
        days[limit.bake_day_id].limits[source_of(limit)] = limit.pk
    return [day for day in days.values() if day.slots]


def make_past_days(today: dt.date, back: int) -> None:
    """Make the bake days of so many days back that are missing, with slots and limits.

    Each is a copy of a coming day of its weekday, closed; a weekday without one stays
    closed. Repeatable. Batches, each a transaction of its own.
    """
    coming = list(BakeDay.objects.filter(date__gte=today).order_by("-date"))
    patterns = {each.date.weekday(): each for each in coming}
    known = set(BakeDay.objects.values_list("date", flat=True))
    dates = [today - dt.timedelta(days=n) for n in range(back, 0, -1)]
    missing = [d for d in dates if d not in known and d.weekday() in patterns]
    for at in range(0, len(missing), BATCH):
        _copy([(patterns[d.weekday()], d) for d in missing[at : at + BATCH]])


def _copy(pairs: list[tuple[BakeDay, dt.date]]) -> None:
    days, slots, limits = [], [], []
    used = {pattern.pk for pattern, _ in pairs}
    of_slots, of_limits = _by_day(Slot, used), _by_day(Capacity, used)
    with transaction.atomic():
        day_key, slot_key, _ = last_keys(BakeDay, Slot, Capacity)
        for pattern, date in pairs:
            day_key += 1
            cut_off = pattern.cut_off - (pattern.date - date)
            days.append((day_key, date, cut_off, BakeDay.State.DONE, ""))
            copies: dict[int | None, int | None] = {None: None}
            for slot in of_slots.get(pattern.pk, []):
                slot_key += 1
                copies[slot.pk] = slot_key
                slots.append((slot_key, day_key, slot.place_id, slot.starts, slot.ends))
            limits += [
                (day_key, each.product_id, each.resource_id, copies[each.slot_id])
                + (each.limit, 0, "")
                for each in of_limits.get(pattern.pk, [])
            ]
        write_rows(BakeDay, ("id", "date", "cut_off", "state", "note"), days)
        write_rows(Slot, ("id", "bake_day_id", "place_id", "starts", "ends"), slots)
        write_rows(Capacity, _LIMIT, limits)
        advance_keys(BakeDay, Slot, Capacity)


_LIMIT = ("bake_day_id", "product_id", "resource_id", "slot_id", "limit", "taken",
          "overbook_reason")  # fmt: skip


def _by_day(model: type[Slot | Capacity], days: Iterable[int]) -> dict[int, list]:
    found: dict[int, list] = {}
    for row in model.objects.filter(bake_day__in=list(days)):
        found.setdefault(row.bake_day_id, []).append(row)
    return found
