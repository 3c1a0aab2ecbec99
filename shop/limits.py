"""The one primitive behind every limit: pieces, oven, slot places.

Only this module writes Capacity.taken. Units move by one statement that locks the rows
in id order and changes all of them or none, so any number of servers may sell at once:
nothing is sold twice, and no two of them wait for each other in a circle.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import QuerySet

from shop.calendar import day_words
from shop.exceptions import LimitReached
from shop.models import Capacity, Hold, Order

__all__ = ["LimitReached", "Shortage", "correct", "give_back", "hand_on", "take"]


@dataclass(frozen=True)
class Shortage:
    """One limit that has not enough: what it limits, and the units that are left."""

    capacity_id: int
    what: str
    left: int


def take(
    units: dict[int, int], *, hold: Hold | None = None, order: Order | None = None
) -> None:
    """Take units of several limits (capacity id -> units) for one hold or one order.

    All or nothing. Raises LimitReached if one has not enough; then nothing has changed
    and the transaction can go on. Taking again for the same owner adds to what it has.
    A limit with a reason for overbooking always has enough. Needs an open transaction
    and keeps the rows locked until its end. Two statements.
    """
    _needs_a_transaction()
    column, owner_id = _owner(hold, order)
    if not units:
        return
    if min(units.values()) < 1:
        raise ValueError("Units to take must be positive.")
    wanted = sorted(units.items())
    rows = ", ".join(["(%s, %s)"] * len(wanted))
    flat = [number for pair in wanted for number in pair]
    with connection.cursor() as cursor:
        cursor.execute(_TAKE.format(rows=rows, lock=_lock("c")), [*flat, len(wanted)])
        if len(cursor.fetchall()) != len(wanted):
            raise _limit_reached(units)
        drawn = [number for pair in wanted for number in (*pair, owner_id)]
        cursor.execute(
            _DRAW.format(rows=rows.replace(")", ", %s)"), column=column), drawn
        )


def give_back(*, hold: Hold | None = None, order: Order | None = None) -> None:
    """Return everything the hold or the order has drawn, and forget the draws.

    Repeatable, also by two servers at once: units go back exactly once. Needs an open
    transaction. One statement (two on SQLite).
    """
    _needs_a_transaction()
    column, owner_id = _owner(hold, order)
    with connection.cursor() as cursor:
        for statement in _GIVE_BACK[connection.vendor]:
            cursor.execute(statement.format(column=column), [owner_id])


def hand_on(hold: Hold, order: Order) -> int:
    """Let the hold's draws become the order's; no limit is touched. One statement.

    Returns how many draws there were: 0 means that the hold had been given back and
    the units must be taken anew. Needs an open transaction; call it before taking more
    in the same transaction.
    """
    _needs_a_transaction()
    with connection.cursor() as cursor:
        cursor.execute(_HAND_ON.format(lock=_lock("d")), [hold.pk, order.pk])
        return len(cursor.fetchall())


def correct(capacity_id: int, *, seen: int) -> bool:
    """Set `taken` to the sum of the draws, if it is still what was seen.

    False if another server has moved it meanwhile, or if the draws are more than the
    limit and no reason for overbooking is given. One statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CORRECT, [capacity_id, seen])
        return cursor.rowcount == 1


def _needs_a_transaction() -> None:
    # Without one, a failure between the statements would leave units without a draw.
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "Limits are moved inside transaction.atomic() only."
        )


def _owner(hold: Hold | None, order: Order | None) -> tuple[str, int]:
    if (hold is None) == (order is None):
        raise ValueError("Name either a hold or an order.")
    return ("hold_id", hold.pk) if order is None else ("order_id", order.pk)


def _lock(table: str) -> str:
    # SQLite has no row locks: its transactions take the write lock when they begin.
    if connection.features.has_select_for_update:
        return f"FOR NO KEY UPDATE OF {table}"
    return ""


def _limit_reached(units: dict[int, int]) -> LimitReached:
    """What is short, read after the refusal: the rows are still locked."""
    found = _with_names(Capacity.objects.filter(pk__in=units).order_by("pk"))
    short = tuple(
        Shortage(capacity.pk, _what(capacity), capacity.left)
        for capacity in found
        if capacity.left < units[capacity.pk] and not capacity.overbook_reason
    )
    if not short:
        return LimitReached("Something in your basket can no longer be had.")
    return LimitReached(" ".join(_sentence(c, found) for c in short), short=short)


def _with_names(capacities: QuerySet[Capacity]) -> list[Capacity]:
    return list(
        capacities.select_related("product", "resource", "slot__bake_day", "bake_day")
    )


def _what(capacity: Capacity) -> str:
    day = day_words(capacity.bake_day.date)
    if capacity.slot_id:
        return f"the pick-up time {capacity.slot} on {day}"
    return f"{capacity.product or capacity.resource} for {day}"


def _sentence(shortage: Shortage, found: list[Capacity]) -> str:
    capacity = next(c for c in found if c.pk == shortage.capacity_id)
    if capacity.slot_id:
        return f"No place is left at {shortage.what}."
    if shortage.left:
        return f"Only {shortage.left} left of {shortage.what}."
    return f"Nothing is left of {shortage.what}."


# The common table expression locks the rows in id order and sees each of them as it is
# once its lock is held, so the update never finds less room than was counted.
# "prepared" is for a PostgreSQL that is asked by bakery/postgresql, which plans the
# statement once then, for each number of limits; others read over it.
_TAKE = """/* prepared */
WITH wanted (id, units) AS (VALUES {rows}),
held AS MATERIALIZED (
    SELECT c.id, w.units,
           c.taken + w.units <= c."limit" OR c.overbook_reason <> '' AS fits
    FROM shop_capacity c JOIN wanted w ON w.id = c.id
    ORDER BY c.id {lock}
)
UPDATE shop_capacity SET taken = taken + held.units FROM held
WHERE shop_capacity.id = held.id
  AND (SELECT count(*) FILTER (WHERE fits) FROM held) = %s
RETURNING shop_capacity.id
"""

_DRAW = """/* prepared */
INSERT INTO shop_draw (capacity_id, units, {column}) VALUES {rows}
ON CONFLICT ({column}, capacity_id)
DO UPDATE SET units = shop_draw.units + excluded.units
"""

_GIVE_BACK = {
    "postgresql": [
        """
WITH held AS MATERIALIZED (
    SELECT d.id, d.capacity_id, d.units
    FROM shop_draw d JOIN shop_capacity c ON c.id = d.capacity_id
    WHERE d.{column} = %s
    ORDER BY c.id FOR NO KEY UPDATE OF c, d
),
forgotten AS (DELETE FROM shop_draw d USING held WHERE d.id = held.id)
UPDATE shop_capacity SET taken = taken - held.units FROM held
WHERE shop_capacity.id = held.capacity_id
"""
    ],
    "sqlite": [
        """
UPDATE shop_capacity SET taken = taken - d.units FROM shop_draw d
WHERE shop_capacity.id = d.capacity_id AND d.{column} = %s
""",
        "DELETE FROM shop_draw WHERE {column} = %s",
    ],
}

_CORRECT = """
UPDATE shop_capacity SET taken = d.units
FROM (
    SELECT c.id, coalesce(sum(d.units), 0) AS units
    FROM shop_capacity c LEFT JOIN shop_draw d ON d.capacity_id = c.id
    WHERE c.id = %s GROUP BY c.id
) d
WHERE shop_capacity.id = d.id AND taken = %s
  AND (d.units <= "limit" OR overbook_reason <> '')
"""

_HAND_ON = """
WITH held AS MATERIALIZED (
    SELECT d.id FROM shop_draw d WHERE d.hold_id = %s ORDER BY d.capacity_id {lock}
)
UPDATE shop_draw SET hold_id = NULL, order_id = %s
WHERE id IN (SELECT id FROM held)
RETURNING id
"""
