"""The first hold of a basket: kept in one statement, or not at all.

Nearly every hold is one. What it could meet (a hold there is already, a limit that is
short, too many holds of the network) is looked at by shop/holds.py, step by step.
"""

from __future__ import annotations

from django.db import connection
from django.utils import timezone

from shop.shopping import PricedBasket

# The limits are locked in id order and seen as they are then, as in shop/limits.py.
# "prepared" as in shop/compiled.py; numbers as one list, so that it is one statement
# for any number of limits.
_KEEP = """/* prepared */
WITH held AS MATERIALIZED (
    SELECT c.id, w.units,
           c.taken + w.units <= c."limit" OR c.overbook_reason <> '' AS fits
    FROM shop_capacity c
    JOIN unnest(%s::bigint[], %s::int[]) AS w (id, units) ON w.id = c.id
    ORDER BY c.id FOR NO KEY UPDATE OF c
), kept AS (
    INSERT INTO shop_hold (basket_token, basket_version, slot_id, network, extensions,
                           contact, created_at, expires_at)
    SELECT %s, %s, %s, %s, 0, '{}'::jsonb, %s,
           statement_timestamp() + make_interval(mins => %s)
    WHERE (SELECT count(*) FILTER (WHERE fits) FROM held) = %s
      AND (SELECT count(*) FROM shop_hold h
           WHERE h.network = %s AND h.expires_at > statement_timestamp()) < %s
      AND NOT EXISTS (SELECT FROM shop_hold h WHERE h.basket_token = %s)
    RETURNING id
), moved AS (
    UPDATE shop_capacity SET taken = taken + held.units FROM held, kept
    WHERE shop_capacity.id = held.id
)
INSERT INTO shop_draw (capacity_id, units, hold_id)
SELECT held.id, held.units, kept.id FROM held, kept
"""


def keep_first(
    basket: PricedBasket,
    network: str,
    units: dict[int, int],
    *,
    minutes: int,
    most: int,
) -> bool:
    """Take the units (capacity id -> units) for a new hold of that many minutes.

    False changes nothing: the basket has a hold, a limit is short, the network has
    `most` live holds, or this database cannot do it in one statement. Needs an open
    transaction, which must be the network's only one (see draws_for()). Raises
    IntegrityError if another network makes the basket's hold in this very moment.
    """
    if connection.vendor != "postgresql":
        return False
    token = basket.token
    limits, numbers = zip(*sorted(units.items()), strict=True)
    kept = [token, basket.version, basket.slot.pk, network, timezone.now(), minutes]
    fair = [len(units), network, most, token]
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [_list(limits), _list(numbers), *kept, *fair])
        return cursor.rowcount == len(units)


def _list(numbers: tuple[int, ...]) -> str:
    """As PostgreSQL reads a list; psycopg's own way takes longer."""
    return f"{{{','.join(map(str, numbers))}}}"
