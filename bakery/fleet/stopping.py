"""How a fleet on this machine hears that it is to end: Ctrl-C, SIGTERM, a closed
terminal.
"""

from __future__ import annotations

import signal
import sys
from typing import Any


class Stopped(BaseException):
    """Somebody wants the fleet to end; no part of it is to catch that by accident."""


def stop(*_: object) -> None:
    raise Stopped


def stop_after_all(dropped: Any) -> None:
    """Python drops what a signal raises in the moment of a fork: soon once more."""
    if dropped.exc_type is Stopped:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
    else:
        sys.__unraisablehook__(dropped)


def on_stop(handler: Any) -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, handler)
