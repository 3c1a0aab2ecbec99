"""What all processes of one server count together: requests and how long they took.

Each process adds to a small file of its own, mapped into memory; who asks adds all
files up. A process that ends leaves its numbers behind, so a sum never goes back
before the server starts anew. Nothing about any user is in there.
"""

from __future__ import annotations

import mmap
import os
import re
import threading
from bisect import bisect_left
from contextlib import suppress
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.core.signals import setting_changed

CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)  # seconds
# One number for each class, for each bucket and the one beyond, and all seconds.
NUMBERS = len(CLASSES) + len(BOUNDS) + 1 + 1
# And, for as long as the process lives, what it is working on.
UNDER_WAY = NUMBERS
SIZE = (NUMBERS + 1) * 8


class Requests(NamedTuple):
    """The requests of all processes since the server started."""

    by_class: dict[str, int]
    by_bound: dict[str, int]  # requests that took at most so many seconds
    seconds: float


class _Own:
    """The file of this very process. Without room on the disk it counts nothing."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.numbers: memoryview | None = None

    def add(self, *changes: tuple[int, float]) -> None:
        with self.lock:
            if self.numbers is None:
                with suppress(OSError):
                    self._open()
            if self.numbers is not None:
                for place, amount in changes:
                    self.numbers[place] += amount

    def _open(self) -> None:
        path = _path_of(os.getpid())
        with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as f:
            # Written, not only made so long: a full disk says so here, and would kill
            # this process where it first counted something.
            f.write(b"\0" * (SIZE - f.seek(0, os.SEEK_END)))
            f.flush()
            self.numbers = memoryview(mmap.mmap(f.fileno(), SIZE)).cast("d")


_own = _Own()


def _begin_own(**_: Any) -> None:
    global _own
    _own = _Own()


# A child opens its own, and does not wait for who held the lock as it was born.
os.register_at_fork(after_in_child=_begin_own)
# As in tests, which move VAR_DIR.
setting_changed.connect(_begin_own, dispatch_uid="count in another file")


def request_begun() -> None:
    """Count a request as worked on, until it is answered or given up."""
    _own.add((UNDER_WAY, 1.0))


def request_given_up() -> None:
    """It was begun, and nobody gets an answer."""
    _own.add((UNDER_WAY, -1.0))


def request_answered(status: int, seconds: float, *, was_begun: bool = False) -> None:
    """Count one request; was_begun as request_begun() has it, which some are not."""
    _own.add(
        (min(max(status // 100, 1), 5) - 1, 1.0),
        (len(CLASSES) + bisect_left(BOUNDS, seconds), 1.0),
        (NUMBERS - 1, seconds),
        (UNDER_WAY, -1.0 if was_begun else 0.0),
    )


def under_way() -> int:
    """How many requests this server's living processes are working on."""
    living = [path for path in _files() if _lives(path)]
    return int(sum(_numbers_in(path)[UNDER_WAY] for path in living))


def requests() -> Requests:
    """The sum over all processes of this server, those that have ended included."""
    sums = [0.0] * NUMBERS
    for path in _files():
        numbers = _numbers_in(path)[:NUMBERS]
        sums = [a + b for a, b in zip(sums, numbers, strict=True)]
    whole = [int(number) for number in sums]
    buckets = accumulate(whole[len(CLASSES) : -1])
    names = [str(bound) for bound in BOUNDS] + ["+Inf"]
    return Requests(
        by_class=dict(zip(CLASSES, whole, strict=False)),
        by_bound=dict(zip(names, buckets, strict=True)),
        seconds=sums[-1],
    )


def begin_anew() -> None:
    """Forget what former processes of this server have counted."""
    for path in _files():
        path.unlink(missing_ok=True)


def _path_of(process: int) -> Path:
    return Path(settings.VAR_DIR) / f"{_prefix()}{process}"


def _files() -> list[Path]:
    return list(Path(settings.VAR_DIR).glob(f"{_prefix()}*"))


def _numbers_in(path: Path) -> memoryview:
    return memoryview(path.read_bytes()[:SIZE].ljust(SIZE, b"\0")).cast("d")


def _lives(path: Path) -> bool:
    try:
        os.kill(int(path.name.removeprefix(_prefix())), 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _prefix() -> str:
    name = re.sub(r"[^A-Za-z0-9.-]", "_", settings.CLONE_ID)
    return f"measures.{name}."
