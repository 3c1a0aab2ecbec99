"""What limits have left, read for many of them at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import NamedTuple

from django.utils.dateparse import parse_datetime, parse_time

from shop.draws import Source
from shop.limit_rows import Asked, Row
from shop.models import Hold

FEW_PIECES = 3
FEW_PERCENT = 10
NO_END = 1_000_000


class Room(NamedTuple):
    """What a limit still has; `left` is NO_END where staff allow overbooking."""

    left: int
    limit: int

    @property
    def is_few(self) -> bool:
        """So little that shoppers are told: three, or a tenth of the limit."""
        return self.left <= max(FEW_PIECES, self.limit * FEW_PERCENT // 100)


class Kept(NamedTuple):
    """The shopper's own hold: for which day and slot, made when, and until when."""

    bake_day_id: int
    slot_id: int
    created_at: dt.datetime
    expires_at: dt.datetime


class SlotRoom(NamedTuple):
    """A slot, with the places it still has."""

    slot_id: int
    place_id: int
    starts: dt.time
    ends: dt.time
    room: Room


class Limits:
    """The limits of some bake days, as they were when they were asked for.

    Most pages look at few of many days: what one has left is worked out when it is
    looked at. No query, but one when the first of the days is looked at that were left
    for later (load_limits()); then all of them are read.
    """

    def __init__(
        self,
        rows: Iterable[Row] = (),
        later: Collection[int] = (),
        read: Callable[[Collection[int]], Iterable[Row]] | None = None,
    ) -> None:
        """`rows` as of shop/limit_rows.py; `read` gives those of days in `later`."""
        self.kept: Kept | None = None
        self._slots: dict[int, list[Row]] = {}
        self._others: dict[int, list[Row]] = {}
        self._rooms: dict[int, dict[Source, Room]] = {}
        self._later = later
        self._read = read
        self._add(rows)

    def rooms_on(self, bake_day_id: int) -> dict[Source, Room]:
        """What products and resources have left that day."""
        if bake_day_id not in self._rooms:
            rows = self._rows(self._others, bake_day_id)
            self._rooms[bake_day_id] = dict(map(_source_and_room, rows))
        return self._rooms[bake_day_id]

    def slots_on(self, bake_day_id: int) -> Iterator[SlotRoom]:
        """The slots of that day, in no order."""
        for row in self._rows(self._slots, bake_day_id):
            _, _, _, slot_id, *numbers, place_id, starts, ends, _, _ = row
            room = room_left(*numbers)
            yield SlotRoom(slot_id, place_id, _time(starts), _time(ends), room)

    def _rows(self, kind: dict[int, list[Row]], bake_day_id: int) -> Iterable[Row]:
        if self._read and bake_day_id in self._later:
            later, self._later = self._later, ()
            self._add(self._read(later))
        return kind.get(bake_day_id, ())

    def _add(self, rows: Iterable[Row]) -> None:
        for row in rows:
            if row[_EXPIRES] is not None:
                self.kept = _kept(row)
                continue
            kind = self._others if row[_SLOT] is None else self._slots
            kind.setdefault(row[_BAKE_DAY], []).append(row)


def room_left(limit: int, taken: int, back: int, overbooked: bool) -> Room:
    """`back` is how many of the taken units can be had all the same."""
    if overbooked:
        return Room(NO_END, NO_END)
    return Room(max(0, limit - taken + back), limit)


def load_limits(
    bake_days: Collection[int],
    products: Collection[int],
    resources: Collection[int],
    *,
    now: dt.datetime,
    hold: Hold | None = None,
    token: str = "",
    holds_end: bool = True,
    later: Collection[int] = (),
) -> Limits:
    """The limits of these products and resources and of all slots. One query; one more
    if a day of `later` is looked at.

    Draws of holds that have expired, and of the shopper's own, count as free: of
    `hold`, or of the live one of the basket with that token. Without holds_end none
    do, and no hold is looked at.
    """
    if not bake_days and not later:
        return Limits()
    asked = Asked(products, resources, now, hold and hold.pk, token, holds_end)
    return Limits(asked.on(bake_days), later, asked.on)


def _kept(row: Row) -> Kept:
    *_, created_at, expires_at = row
    return Kept(row[_BAKE_DAY], row[_SLOT], _moment(created_at), _moment(expires_at))


def _source_and_room(row: Row) -> tuple[Source, Room]:
    _, product_id, resource_id, _, limit, taken, back, overbooked, *_ = row
    room = room_left(limit, taken, back, overbooked)
    if resource_id is not None:
        return ("resource", resource_id), room
    return ("product", product_id), room


def _time(value: dt.time | str) -> dt.time:
    """SQLite keeps times as words."""
    return parse_time(value) if isinstance(value, str) else value


def _moment(value: dt.datetime | str) -> dt.datetime:
    if isinstance(value, str):
        return parse_datetime(value).replace(tzinfo=dt.UTC)
    return value


_BAKE_DAY, _SLOT, _EXPIRES = 0, 3, -1
