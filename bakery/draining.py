"""A server that is about to stop says so before it does: /ready answers 503.

Either its process was told to stop, or somebody keeps customers away from it for a
while: then a file says so to all its processes. The file belongs to the running
server; a new start begins without it, unless the file says until when it is meant for
the next one too: who changes releases wants to see the new one before shoppers do.
"""

from __future__ import annotations

import re
import signal
import time
from pathlib import Path
from types import FrameType

from django.conf import settings

_stopping = False


def is_draining() -> bool:
    """Should new customers go elsewhere? One look at one file."""
    return _stopping or flag().exists()


def flag() -> Path:
    """The file that keeps customers away from this server."""
    name = re.sub(r"[^A-Za-z0-9.-]", "_", settings.CLONE_ID)
    return Path(settings.VAR_DIR) / f"drain.{name}"


def begin() -> None:
    """No new customers for this server; what was begun is finished. Repeatable."""
    flag().touch()


def end() -> None:
    """Customers may come again. Repeatable."""
    flag().unlink(missing_ok=True)


def begin_a_start() -> None:
    """What was meant for the former server ends; what is meant for this one stays."""
    if not _meant_for_the_next():
        end()


def _meant_for_the_next() -> bool:
    try:
        return time.time() < float(flag().read_text() or 0)
    except (FileNotFoundError, ValueError):
        return False


def begin_with_sigterm() -> None:
    """Let this process drain from the moment it is told to stop (main thread only)."""
    before = signal.getsignal(signal.SIGTERM)

    def stop(number: int, frame: FrameType | None) -> None:
        global _stopping
        _stopping = True
        if callable(before):
            before(number, frame)

    signal.signal(signal.SIGTERM, stop)
