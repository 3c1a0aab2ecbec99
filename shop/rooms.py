"""What limits have left, read for many of them at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from django.db import connection
from django.utils.dateparse import parse_time

from shop.draws import Source
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


class SlotRoom(NamedTuple):
    """A slot, with the places it still has."""

    slot_id: int
    place_id: int
    starts: dt.time
    ends: dt.time
    room: Room


class Limits:
    """The limits of some bake days, as they were when they were asked for.

    All days come with one query, and most pages look at few of them: what one has left
    is worked out when it is looked at. No query.
    """

    def __init__(self, rows: Iterable[tuple] = ()) -> None:
        """`rows` have the columns of load_limits()'s query."""
        self._slots: dict[int, list[tuple]] = {}
        self._others: dict[int, list[tuple]] = {}
        self._rooms: dict[int, dict[Source, Room]] = {}
        for row in rows:
            kind = self._others if row[_SLOT] is None else self._slots
            kind.setdefault(row[_BAKE_DAY], []).append(row)

    def rooms_on(self, bake_day_id: int) -> dict[Source, Room]:
        """What products and resources have left that day."""
        if bake_day_id not in self._rooms:
            rows = self._others.get(bake_day_id, ())
            self._rooms[bake_day_id] = dict(map(_source_and_room, rows))
        return self._rooms[bake_day_id]

    def slots_on(self, bake_day_id: int) -> Iterator[SlotRoom]:
        """The slots of that day, in no order."""
        for row in self._slots.get(bake_day_id, ()):
            _, _, _, slot_id, *numbers, place_id, starts, ends = row
            room = room_left(*numbers)
            yield SlotRoom(slot_id, place_id, _time(starts), _time(ends), room)


def room_left(limit: int, taken: int, back: int, overbook_reason: str) -> Room:
    """`back` is how many of the taken units can be had all the same."""
    if overbook_reason:
        return Room(NO_END, NO_END)
    return Room(max(0, limit - taken + back), limit)


def load_limits(
    bake_days: Collection[int],
    products: Collection[int],
    resources: Collection[int],
    *,
    now: dt.datetime,
    hold: Hold | None = None,
    holds_end: bool = True,
) -> Limits:
    """The limits of these products and resources and of all slots. One query.

    Draws of holds that have expired, and of the shopper's own, count as free; without
    holds_end none do, and no hold is looked at.
    """
    if not bake_days:
        return Limits()
    days = _numbers(bake_days)
    statement = _LIMITS.format(
        units="back.units" if holds_end else "0",
        back=_BACK if holds_end else "",
        bake_days=days,
        products=_numbers(products),
        resources=_numbers(resources),
        slots=_SLOTS[connection.vendor].format(days),
    )
    back = [connection.ops.adapt_datetimefield_value(now), hold and hold.pk]
    with connection.cursor() as cursor:
        cursor.execute(statement, back if holds_end else [])
        return Limits(cursor.fetchall())


def _numbers(ids: Collection[int]) -> str:
    # Written out, so that the database sees how few they are when it makes its plan.
    return ", ".join(f"{each:d}" for each in ids) or "NULL"


def _source_and_room(row: tuple) -> tuple[Source, Room]:
    _, product_id, resource_id, _, *numbers, _, _, _ = row
    if resource_id is not None:
        return ("resource", resource_id), room_left(*numbers)
    return ("product", product_id), room_left(*numbers)


def _time(value: dt.time | str) -> dt.time:
    """SQLite keeps times as words."""
    return parse_time(value) if isinstance(value, str) else value


_BAKE_DAY, _SLOT = 0, 3
# Models for some hundred rows would cost more than the question itself. Without its day
# a slot would be looked for among all there have been. What holds give back is summed
# before it is joined: a popular limit has thousands of draws.
_LIMITS = """SELECT c.bake_day_id, c.product_id, c.resource_id, c.slot_id,
       c."limit", c.taken, coalesce({units}, 0), c.overbook_reason,
       s.place_id, s.starts, s.ends
FROM shop_capacity c
LEFT JOIN shop_slot s ON s.id = c.slot_id AND s.bake_day_id IN ({bake_days})
{back}
WHERE c.bake_day_id IN ({bake_days})
  AND ({slots}
       OR c.product_id IN ({products}) OR c.resource_id IN ({resources}))
"""
# Their numbers first: beside an OR PostgreSQL uses no index for a subquery, and would
# go through the limits of all slots there have ever been.
_SLOTS = {
    "postgresql": """c.slot_id = ANY (ARRAY(
        SELECT id FROM shop_slot WHERE bake_day_id IN ({})))""",
    "sqlite": "c.slot_id IN (SELECT id FROM shop_slot WHERE bake_day_id IN ({}))",
}
_BACK = """
LEFT JOIN (
    SELECT d.capacity_id, sum(d.units) AS units
    FROM shop_draw d JOIN shop_hold h ON h.id = d.hold_id
    WHERE h.expires_at <= %s OR h.id = %s
    GROUP BY d.capacity_id
) back ON back.capacity_id = c.id
"""
