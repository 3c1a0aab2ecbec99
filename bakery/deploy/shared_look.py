"""One look for all threads that want to know the same at the same time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class SharedLook(Generic[T]):
    """Whoever waits while another one looks takes what the next look finds.

    Never what was asked for before it came: it may have changed something since.
    """

    def __init__(self) -> None:
        self._looking = threading.Lock()
        self._began = float("-inf")
        self._found: T | None = None
        self._error: Exception | None = None

    def of(self, look: Callable[[], T]) -> T:
        """What it gives or raises, now or in another thread a moment ago."""
        came = time.monotonic()
        with self._looking:
            if self._began <= came:
                self._look(look)
            if self._error is not None:
                raise self._error
            return self._found

    def _look(self, look: Callable[[], T]) -> None:
        self._began = time.monotonic()
        self._found = self._error = None
        try:
            self._found = look()
        except Exception as error:
            # Who waits shall not wait once more for a host that is away.
            self._error = error
