"""The fleet's lock: one deploy at a time, and everybody can see whose.

It is held by a process, so it cannot be left behind: with the connection of who took
it ends the process, and with that the lock.
"""

from __future__ import annotations

import fcntl
import json
import select
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from bakery.host.codes import DONE, HELD
from bakery.host.disk import write_whole
from bakery.host.layout import Layout

TRY_SECONDS = 0.5


def hold(layout: Layout, owner: str, release: str, silence: float | None) -> int:
    """Take the lock, say so, and keep it until stdin ends; the exit status.

    With `silence` it also ends when stdin has not said a word for so many seconds.
    """
    layout.base.mkdir(parents=True, exist_ok=True)
    with layout.base.joinpath("lock").open("a") as lock:
        if not _taken(lock):
            _print(held=False, **holder(layout))
            return HELD
        facts = {"owner": owner, "release": release, "since": _now()}
        path = _owner_file(layout)
        write_whole(path, json.dumps(facts))
        try:
            _print(held=True, **facts)
            _wait_for_the_end(silence)
        finally:
            path.unlink(missing_ok=True)
    return DONE


def _taken(lock: IO[str]) -> bool:
    """Tries for a moment: who only looks who has it, has it for that moment."""
    until = time.monotonic() + TRY_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > until:
                return False
            time.sleep(0.05)


def holder(layout: Layout) -> dict[str, Any]:
    """Who has the lock, since when, for which release; {} if nobody has it."""
    path = layout.base / "lock"
    if not path.exists():
        return {}
    with path.open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _read_owner(layout)
    return {}


def _read_owner(layout: Layout) -> dict[str, Any]:
    try:
        return json.loads(_owner_file(layout).read_text())
    except (OSError, ValueError):  # it has been taken this very moment
        return {"owner": "somebody", "release": "", "since": ""}


def _owner_file(layout: Layout) -> Path:
    return layout.base / "lock.owner"


def _wait_for_the_end(silence: float | None) -> None:
    while True:
        heard, _, _ = select.select([sys.stdin.buffer.raw], [], [], silence)
        if not heard or not sys.stdin.buffer.raw.read(4096):
            return


def _print(**facts: Any) -> None:
    print(json.dumps(facts), flush=True)  # noqa: T201 - this is the answer


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
