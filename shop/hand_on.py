"""A hold becomes an order: the short way, in the statement that saves the order."""

from __future__ import annotations

from django.db import IntegrityError

from shop.inserting import Beside, number_of
from shop.models import Order

_NUMBER = number_of(Order)

# The deletion locks the row, so that nobody sweeps or renews the hold meanwhile. It
# waits for the order: a second press must stop there before it has locked anything.
_STEPS = f"""gone AS (
    DELETE FROM shop_hold h
    WHERE {_NUMBER} IS NOT NULL
      AND h.basket_token = %s AND h.basket_version = %s AND h.slot_id = %s
      AND h.expires_at > statement_timestamp()
      AND EXISTS (SELECT FROM shop_draw d WHERE d.hold_id = h.id)
    RETURNING h.id
), theirs AS (
    UPDATE shop_draw d SET hold_id = NULL, order_id = {_NUMBER}
    FROM gone WHERE d.hold_id = gone.id
    RETURNING d.id
)"""  # nosec B608 - our own words only
_ANSWERS = ("(SELECT count(*) FROM gone)", "(SELECT count(*) FROM theirs)")


def handing_on(order: Order, *, version: int) -> Beside:
    """For insert_together() of the order: make a live hold's units the order's.

    Only if it was taken for just that basket. The hold is gone then, and no limit has
    been touched. Whether it was so was_handed_on() tells.
    """
    return Beside(_STEPS, _ANSWERS, [order.basket_token, version, order.slot_id])


def was_handed_on(answers: tuple[int, ...]) -> bool:
    """Were the units handed on? Without, nothing has changed: there is no such hold, or
    this database cannot do it in one statement.

    Raises IntegrityError if the hold was taken anew in this very moment; the
    transaction must then be made again.
    """
    holds, draws = answers or (0, 0)
    if holds and not draws:
        # The statement waited for another tab that entered checkout, and sees the
        # draws from before that.
        raise IntegrityError("The hold was taken anew. Place the order once more.")
    return bool(holds)
