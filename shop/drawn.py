"""What orders and holds have drawn from limits, beside what they need."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from django.db import connection

from shop.models import Order

# Orders in these states need nothing any more.
GONE = (Order.State.CANCELLED, Order.State.EXPIRED)


class Draws(NamedTuple):
    """Units of one limit that an order or a hold has drawn, and those it needs."""

    owner_id: int
    capacity_id: int
    drawn: int
    needed: int


def wrong_order_draws(first: int, last: int) -> list[Draws]:
    """The orders that have drawn something else than their lines and slot need.

    One statement over the orders with ids from first to last; only what is wrong
    leaves the database.
    """
    return _order_draws(f"BETWEEN {first:d} AND {last:d}", _WRONG)


def wrong_draws_of_days(bake_days: Collection[int]) -> list[Draws]:
    """The same, over the orders of these bake days."""
    keys = ", ".join(f"{key:d}" for key in bake_days) or "NULL"
    of_days = f"SELECT id FROM shop_order WHERE bake_day_id IN ({keys})"  # nosec B608
    return _order_draws(f"IN ({of_days})", _WRONG)


def draws_needed(order: Order) -> dict[int, int]:
    """What the order's lines and slot draw, worked out anew: capacity id -> units."""
    rows = _order_draws(f"= {order.pk:d}", "")
    return {row.capacity_id: row.needed for row in rows if row.needed}


def wrong_hold_draws() -> list[Draws]:
    """All holds that keep something else than one place of their slot."""
    return _run(_HOLD_DRAWS)


def _order_draws(which: str, having: str) -> list[Draws]:
    picks = _PICKS[connection.vendor]
    return _run(_ORDER_DRAWS.format(picks=picks, which=which, having=having), *GONE)


def _run(sql: str, *parameters: str) -> list[Draws]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [Draws(*map(int, row)) for row in cursor]


_WRONG = "HAVING sum(drawn) <> sum(needed)"

# A box names the pieces in it among the options of its line.
_PICKS = {
    "postgresql": """
    SELECT o.id, o.bake_day_id, v.id,
           CAST(l.quantity AS integer) * CAST(pick.fact ->> 'pieces' AS integer)
    FROM live o JOIN shop_orderline l ON l.order_id = o.id
    CROSS JOIN LATERAL jsonb_array_elements(l.options) AS pick (fact)
    JOIN shop_variant v ON v.sku = pick.fact ->> 'sku'
""",
    "sqlite": """
    SELECT o.id, o.bake_day_id, v.id,
           l.quantity * json_extract(pick.value, '$.pieces')
    FROM live o JOIN shop_orderline l ON l.order_id = o.id
    JOIN json_each(l.options) AS pick
    JOIN shop_variant v ON v.sku = json_extract(pick.value, '$.sku')
""",
}

_ORDER_DRAWS = """
WITH live AS (
    SELECT id, bake_day_id, slot_id FROM shop_order
    WHERE state NOT IN (%s, %s) AND id {which}
),
pieces (order_id, bake_day_id, variant_id, quantity) AS (
    SELECT o.id, o.bake_day_id, l.variant_id, CAST(l.quantity AS integer)
    FROM live o JOIN shop_orderline l ON l.order_id = o.id
    UNION ALL {picks}
),
draws (order_id, capacity_id, drawn, needed) AS (
    SELECT p.order_id, c.id, 0, p.quantity * v.pieces
    FROM pieces p JOIN shop_variant v ON v.id = p.variant_id
    JOIN shop_capacity c
      ON c.bake_day_id = p.bake_day_id AND c.product_id = v.product_id
    UNION ALL
    SELECT p.order_id, c.id, 0, p.quantity * u.units
    FROM pieces p JOIN shop_resourceuse u ON u.variant_id = p.variant_id
    JOIN shop_capacity c
      ON c.bake_day_id = p.bake_day_id AND c.resource_id = u.resource_id
    UNION ALL
    SELECT o.id, c.id, 0, 1 FROM live o JOIN shop_capacity c ON c.slot_id = o.slot_id
    UNION ALL
    SELECT order_id, capacity_id, units, 0 FROM shop_draw WHERE order_id {which}
)
SELECT order_id, capacity_id, sum(drawn), sum(needed) FROM draws
GROUP BY order_id, capacity_id {having} ORDER BY order_id, capacity_id
"""

_HOLD_DRAWS = """
WITH draws (hold_id, capacity_id, drawn, needed) AS (
    SELECT h.id, c.id, 0, 1 FROM shop_hold h JOIN shop_capacity c
      ON c.slot_id = h.slot_id
    UNION ALL
    SELECT d.hold_id, d.capacity_id, d.units, 0
    FROM shop_draw d JOIN shop_capacity c ON c.id = d.capacity_id
    WHERE d.hold_id IS NOT NULL AND c.slot_id IS NOT NULL
)
SELECT hold_id, capacity_id, sum(drawn), sum(needed) FROM draws
GROUP BY hold_id, capacity_id HAVING sum(drawn) <> sum(needed)
ORDER BY hold_id, capacity_id
"""
