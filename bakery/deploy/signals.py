"""Ctrl-C, a closed terminal and SIGTERM: heard once, and not while hosts go back."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator

NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Whoever started it wants it to end; hosts go back first."""


@contextlib.contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Any of them raises Stopped; only the first counts."""

    def stop(*_: object) -> None:
        ignore_signals()
        raise Stopped

    before = {number: signal.signal(number, stop) for number in NUMBERS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def ignore_signals() -> None:
    """Until stopped_by_signals() ends: what goes on now must come to its end."""
    for number in NUMBERS:
        signal.signal(number, signal.SIG_IGN)
