"""The rows that tell what limits have left, read with one statement.

It is always the same, so that PostgreSQL plans it once ("prepared" as in
shop/compiled.py): whatever differs is in its values, the numbers as one list each.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection

# bake day, product, resource, slot, limit, taken, units that can be had all the same,
# may it be overbooked, place, starts, ends; of a hold when it was made, and ends.
Row = tuple


@dataclass(frozen=True)
class Asked:
    """Which limits are asked for, apart from the days: all slots, and of these."""

    products: Collection[int]
    resources: Collection[int]
    now: dt.datetime
    hold_id: int | None = None
    token: str = ""  # of the basket whose live hold is the shopper's own
    holds_end: bool = True

    def on(self, bake_days: Collection[int]) -> list[Row]:
        """The limits of these days, and the shopper's own hold. One query."""
        write = _WRITE[connection.vendor]
        given = {
            "days": write(bake_days),
            "products": write(self.products),
            "resources": write(self.resources),
        }
        if self.holds_end:
            now = connection.ops.adapt_datetimefield_value(self.now)
            given |= {"now": now, "hold": self.hold_id, "token": self.token}
        with connection.cursor() as cursor:
            cursor.execute(_STATEMENTS[connection.vendor, self.holds_end], given)
            return cursor.fetchall()


def _as_array(ids: Collection[int]) -> str:
    return f"{{{','.join(map(str, ids))}}}"


def _as_json(ids: Collection[int]) -> str:
    return json.dumps(list(ids))


# A list of numbers is one value: its type stays the same whatever numbers they are.
_WRITE = {"postgresql": _as_array, "sqlite": _as_json}
# The clock is the database's, as Django's Now() is.
_CLOCK = {
    "postgresql": "statement_timestamp()",
    "sqlite": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now')",
}
_MOMENT = {"postgresql": "timestamptz", "sqlite": "text"}
_COLUMNS = """c.id, c.bake_day_id, c.product_id, c.resource_id, c.slot_id, c."limit",
       c.taken, c.overbook_reason <> '' AS overbooked"""
_NO_SLOT = """CAST(NULL AS bigint) AS place_id, CAST(NULL AS time) AS starts,
       CAST(NULL AS time) AS ends"""
# PostgreSQL plans this once, without knowing the values, and would read all that
# products and slots have ever had. Each LIMIT, of one row that there is at most, has it
# look for every pair by the index that keeps the pair unique; OFFSET 0 for every day.
# It goes on planning each time, which takes longer than answering, if that promises a
# cheaper plan. So nothing here lets it look at the values: they come by subqueries.
_BY_PAIRS = """
SELECT {columns}, {no_slot}
FROM unnest((SELECT CAST(%(days)s AS bigint[]))) AS day(id)
CROSS JOIN unnest((SELECT CAST(%(products)s AS bigint[]))) AS product(id)
CROSS JOIN LATERAL (SELECT * FROM shop_capacity
    WHERE bake_day_id = day.id AND product_id = product.id LIMIT 1) c
UNION ALL
SELECT {columns}, {no_slot}
FROM unnest((SELECT CAST(%(days)s AS bigint[]))) AS day(id)
CROSS JOIN unnest((SELECT CAST(%(resources)s AS bigint[]))) AS resource(id)
CROSS JOIN LATERAL (SELECT * FROM shop_capacity
    WHERE bake_day_id = day.id AND resource_id = resource.id LIMIT 1) c
UNION ALL
SELECT {columns}, s.place_id, s.starts, s.ends
FROM unnest((SELECT CAST(%(days)s AS bigint[]))) AS day(id)
CROSS JOIN LATERAL (SELECT * FROM shop_slot WHERE bake_day_id = day.id OFFSET 0) s
CROSS JOIN LATERAL (SELECT * FROM shop_capacity WHERE slot_id = s.id LIMIT 1) c
"""
_BY_LISTS = """
SELECT {columns}, {no_slot} FROM shop_capacity c
WHERE c.bake_day_id IN (SELECT value FROM json_each(%(days)s))
  AND c.product_id IN (SELECT value FROM json_each(%(products)s))
UNION ALL
SELECT {columns}, {no_slot} FROM shop_capacity c
WHERE c.bake_day_id IN (SELECT value FROM json_each(%(days)s))
  AND c.resource_id IN (SELECT value FROM json_each(%(resources)s))
UNION ALL
SELECT {columns}, s.place_id, s.starts, s.ends
FROM shop_slot s JOIN shop_capacity c ON c.slot_id = s.id
WHERE s.bake_day_id IN (SELECT value FROM json_each(%(days)s))
"""
_LIMITS = {"postgresql": _BY_PAIRS, "sqlite": _BY_LISTS}
# What holds give back is summed before it is joined: a popular limit has thousands of
# draws. The last row is the shopper's own hold, if there is one.
_WITH_HOLDS = """/* prepared */ WITH own AS (
    SELECT id, slot_id, created_at, expires_at FROM shop_hold
    WHERE id = %(hold)s OR basket_token = %(token)s AND expires_at > {clock}
), back AS (
    SELECT d.capacity_id, sum(d.units) AS units
    FROM shop_draw d JOIN shop_hold h ON h.id = d.hold_id
    WHERE h.expires_at <= (SELECT CAST(%(now)s AS {moment}))
       OR h.id = (SELECT id FROM own)
    GROUP BY d.capacity_id
)
SELECT c.bake_day_id, c.product_id, c.resource_id, c.slot_id, c."limit", c.taken,
       coalesce(back.units, 0), c.overbooked, c.place_id, c.starts, c.ends,
       CAST(NULL AS {moment}) AS created_at, CAST(NULL AS {moment}) AS expires_at
FROM ({limits}) c LEFT JOIN back ON back.capacity_id = c.id
UNION ALL
SELECT s.bake_day_id, NULL, NULL, own.slot_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       own.created_at, own.expires_at
FROM own JOIN shop_slot s ON s.id = own.slot_id
"""
_WITHOUT_HOLDS = """/* prepared */
SELECT c.bake_day_id, c.product_id, c.resource_id, c.slot_id, c."limit", c.taken,
       0, c.overbooked, c.place_id, c.starts, c.ends, NULL, NULL
FROM ({limits}) c
"""


def _statement(vendor: str, *, holds_end: bool) -> str:
    limits = _LIMITS[vendor].format(columns=_COLUMNS, no_slot=_NO_SLOT)
    text = _WITH_HOLDS if holds_end else _WITHOUT_HOLDS
    return text.format(limits=limits, clock=_CLOCK[vendor], moment=_MOMENT[vendor])


_STATEMENTS = {
    (vendor, holds_end): _statement(vendor, holds_end=holds_end)
    for vendor in _LIMITS
    for holds_end in (True, False)
}
