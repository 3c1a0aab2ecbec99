"""What limits have left, read for many of them at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
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


class LimitRoom(NamedTuple):
    """One limit of one bake day; `slot` is told if it is one of places."""

    bake_day_id: int
    source: Source
    room: Room
    slot: SlotRoom | None


def room_left(limit: int, taken: int, back: int, overbook_reason: str) -> Room:
    """`back` is how many of the taken units can be had all the same."""
    if overbook_reason:
        return Room(NO_END, NO_END)
    return Room(max(0, limit - taken + back), limit)


def load_rooms(
    bake_days: Collection[int],
    products: Collection[int],
    resources: Collection[int],
    *,
    now: dt.datetime,
    hold: Hold | None = None,
    holds_end: bool = True,
) -> Iterator[LimitRoom]:
    """The limits of these products and resources and of all slots. One query.

    Draws of holds that have expired, and of the shopper's own, count as free; without
    holds_end none do, and no hold is looked at.
    """
    if not bake_days:
        return
    back = [connection.ops.adapt_datetimefield_value(now), hold and hold.pk]
    named = [*bake_days, *products, *resources]
    # In the order in which the statement names them.
    facts = [*bake_days, *back, *named] if holds_end else [*bake_days, *named]
    with connection.cursor() as cursor:
        cursor.execute(
            _ROOMS.format(
                units="back.units" if holds_end else "0",
                back=_BACK if holds_end else "",
                bake_days=_marks(bake_days),
                products=_marks(products),
                resources=_marks(resources),
            ),
            facts,
        )
        rows = cursor.fetchall()
    yield from map(_limit_room, rows)


def _marks(ids: Collection[int]) -> str:
    return ", ".join(["%s"] * len(ids)) or "NULL"


def _limit_room(row: tuple) -> LimitRoom:
    bake_day_id, product_id, resource_id, slot_id, *numbers = row[:-3]
    place_id, starts, ends = row[-3:]
    room = room_left(*numbers)
    if slot_id is not None:
        slot = SlotRoom(slot_id, place_id, _time(starts), _time(ends), room)
        return LimitRoom(bake_day_id, ("slot", slot_id), room, slot)
    if resource_id is not None:
        return LimitRoom(bake_day_id, ("resource", resource_id), room, None)
    return LimitRoom(bake_day_id, ("product", product_id), room, None)


def _time(value: dt.time | str) -> dt.time:
    """SQLite keeps times as words."""
    return parse_time(value) if isinstance(value, str) else value


# Models for some hundred rows would cost more than the question itself. Without its day
# a slot would be looked for among all there have been. What holds give back is summed
# before it is joined: a popular limit has thousands of draws.
_ROOMS = """SELECT c.bake_day_id, c.product_id, c.resource_id, c.slot_id,
       c."limit", c.taken, coalesce({units}, 0), c.overbook_reason,
       s.place_id, s.starts, s.ends
FROM shop_capacity c
LEFT JOIN shop_slot s ON s.id = c.slot_id AND s.bake_day_id IN ({bake_days})
{back}
WHERE c.bake_day_id IN ({bake_days})
  AND (c.slot_id IS NOT NULL
       OR c.product_id IN ({products}) OR c.resource_id IN ({resources}))
"""
_BACK = """
LEFT JOIN (
    SELECT d.capacity_id, sum(d.units) AS units
    FROM shop_draw d JOIN shop_hold h ON h.id = d.hold_id
    WHERE h.expires_at <= %s OR h.id = %s
    GROUP BY d.capacity_id
) back ON back.capacity_id = c.id
"""
