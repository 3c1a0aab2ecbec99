"""A breaker: after a failure, leave the other side in peace for a moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Breaker:
    """Open for rest_seconds after each failure; whoever asks then need not wait.

    It belongs to one process and remembers nothing about any user. When the rest is
    over, one caller at a time may try; the others go on without until it has worked.
    So a dead server costs each process one time-out per rest, not one per request.
    """

    def __init__(
        self,
        rest_seconds: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.rest_seconds = rest_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._failing = False
        self._rest_until = 0.0

    @property
    def is_open(self) -> bool:
        """Has the last attempt failed? Only looks."""
        return self._failing

    def allows(self) -> bool:
        """May the caller try now? Who gets True tells worked() or failed()."""
        if not self._failing:
            return True
        with self._lock:
            now = self._clock()
            if now < self._rest_until:
                return False
            # This caller tries; the others rest on until it has told.
            self._rest_until = now + self.rest_seconds
            return True

    def worked(self) -> None:
        self._failing = False

    def failed(self) -> None:
        with self._lock:
            self._failing = True
            self._rest_until = self._clock() + self.rest_seconds
