"""What lasts of a switch when it is killed: its lock does not, its aim does.

Who switches next, whatever was cut off before, knows from here what the host served
when it was still whole.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from bakery.host.disk import sync_folder, write_whole
from bakery.host.layout import Layout


@dataclass(frozen=True)
class Before:
    """The host before a switch, or before the first of several that were cut off."""

    current: str  # the release that served; "" if none ever did
    previous: str  # and the one of before that

    def previous_beside(self, name: str) -> str:
        """What `previous` has to name when `current` names this one."""
        return self.previous if self.current in ("", name) else self.current


@contextmanager
def switching(layout: Layout) -> Iterator[None]:
    """One at a time; who comes second waits until the first has got to its end."""
    with layout.base.joinpath("switch.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def begin(layout: Layout) -> Before:
    """Note how the host is, unless a switch that was cut off has done so already.

    Then the host may be anything by now, and its note tells what it was.
    """
    noted = _noted(layout)
    if noted:
        return noted
    before = Before(layout.named_by(layout.current), layout.named_by(layout.previous))
    if layout.host.exists():
        write_whole(layout.host_former, layout.host.read_text())
    write_whole(_note(layout), json.dumps(asdict(before)))
    return before


def remember_the_way_back(layout: Layout, name: str) -> None:
    """Who goes back to the release of before, and was told nothing new, goes back to
    the host file of before as well: the next switch takes it.
    """
    noted = _noted(layout)
    former = noted.current if noted else layout.named_by(layout.previous)
    told_nothing = name == former and not layout.host_next.exists()
    if told_nothing and layout.host_former.exists():
        write_whole(layout.host_next, layout.host_former.read_text())


def end(layout: Layout) -> None:
    """The host is whole again, one way or the other."""
    _note(layout).unlink(missing_ok=True)


def take_next_host(layout: Layout) -> None:
    """Let host.next be the host's own file, if there is one."""
    if layout.host_next.exists():
        layout.host_next.replace(layout.host)
        sync_folder(layout.shared)


def take_former_host(layout: Layout) -> None:
    """Let the host's own file be what it was before the switch."""
    if layout.host_former.exists():
        write_whole(layout.host, layout.host_former.read_text())


def host_has_changed(layout: Layout) -> bool:
    """Is the host's own file another one than before the switch?"""
    former = layout.host_former
    return former.exists() and former.read_bytes() != layout.host.read_bytes()


def ended_with(layout: Layout, token: str) -> int | None:
    """The exit status of the switch with that token; None if it has not ended."""
    try:
        return int(_code_of(layout, token).read_text())
    except (OSError, ValueError):
        return None


def keep_end(layout: Layout, token: str, code: int) -> None:
    """For whoever asks again because the connection was lost."""
    with suppress(OSError):  # a full disk makes nothing undone that is done
        write_whole(_code_of(layout, token), f"{code}\n", 0o600)


def _code_of(layout: Layout, token: str) -> Path:
    return layout.switches / f"{token}.code"


def _note(layout: Layout) -> Path:
    return layout.var / "switching"


def _noted(layout: Layout) -> Before | None:
    try:
        return Before(**json.loads(_note(layout).read_text()))
    except (OSError, ValueError, TypeError):
        return None
