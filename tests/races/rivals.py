"""Many at one point at the same moment, each with a database connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections

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
