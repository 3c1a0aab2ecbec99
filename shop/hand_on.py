"""A hold becomes an order: the short way, in one statement."""

from __future__ import annotations

from django.db import IntegrityError, connection, transaction

from shop.models import Order

# The deletion locks the row, so that nobody sweeps or renews the hold meanwhile.
_HAND_ON = """/* prepared */
WITH gone AS (
    DELETE FROM shop_hold h
    WHERE h.basket_token = %s AND h.basket_version = %s AND h.slot_id = %s
      AND h.expires_at > statement_timestamp()
      AND EXISTS (SELECT FROM shop_draw d WHERE d.hold_id = h.id)
    RETURNING h.id
), theirs AS (
    UPDATE shop_draw d SET hold_id = NULL, order_id = %s
    FROM gone WHERE d.hold_id = gone.id
    RETURNING d.id
)
SELECT (SELECT count(*) FROM gone), (SELECT count(*) FROM theirs)
"""


def hand_on_hold(order: Order, *, version: int) -> bool:
    """Make a live hold's units the order's, if it was taken for just that basket.

    The hold is gone then, and no limit has been touched. False changes nothing: there
    is no such hold, or this database cannot do it in one statement. Needs an open
    transaction. Raises IntegrityError if the hold was taken anew in this very moment;
    the transaction must then be made again.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "Holds are handed on inside transaction.atomic() only."
        )
    if connection.vendor != "postgresql":
        return False
    wanted = [order.basket_token, version, order.slot_id, order.pk]
    with connection.cursor() as cursor:
        cursor.execute(_HAND_ON, wanted)
        holds, draws = cursor.fetchone()
    if holds and not draws:
        # The statement waited for another tab that entered checkout, and sees the
        # draws from before that.
        raise IntegrityError("The hold was taken anew. Place the order once more.")
    return bool(holds)
