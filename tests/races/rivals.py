"""Many at one point at the same moment, each with a database connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections

from shop.models import Order

PATIENCE_SECONDS = 60


def race(*actions: Callable[[], Any]) -> list[Any]:
    """Start all actions at once; give what each returned or raised, in their order."""
    start = threading.Barrier(len(actions))

    def run(action: Callable[[], Any]) -> Any:
        try:
            start.wait(PATIENCE_SECONDS)
            return action()
        except Exception as error:  # the test looks at it
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


def errors_in(outcomes: Sequence[Any], expected: type = ()) -> list[Exception]:
    """The errors among the outcomes that nobody expected."""
    return [
        outcome
        for outcome in outcomes
        if isinstance(outcome, Exception) and not isinstance(outcome, expected or ())
    ]


def network(number):
    return f"198.51.{number}.0/24"


def meeting(parties):
    """Where the rivals of a control wait until all have looked."""
    barrier = threading.Barrier(parties)
    return lambda: barrier.wait(PATIENCE_SECONDS)


def copy_order(order, number):
    """One more order like it, written without asking anybody."""
    return Order.objects.create(
        **{
            field: getattr(order, field)
            for field in ("name", "email", "currency", "total_cents", "tax_cents")
        },
        slot_id=order.slot_id,
        bake_day_id=order.bake_day_id,
        code=f"C{number}",
        secret=f"control-{number}",
        basket_token=f"control-{number}",
    )
