"""What was deployed when, by whom: a file on the fleet's first host.

One line when hosts begin to be switched, one when it has ended. A beginning without
an end is a deploy that was interrupted.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from bakery.deploy.connection import Remote
from bakery.deploy.lock import owner

LAST_LINES = 50


@dataclass(frozen=True)
class Entry:
    """A line of the record. `event`: begun, done, went back or left.

    `without`: hosts that were left out, with blanks between them.
    """

    event: str
    kind: str
    release: str
    former: str
    owner: str
    at: str
    without: str = ""

    @classmethod
    def from_dict(cls, facts: dict[str, Any]) -> Entry:
        return cls(**{name: str(facts.get(name, "")) for name in cls.__annotations__})


def write(
    remote: Remote,
    event: str,
    kind: str,
    release: str,
    former: str,
    without: Iterable[str] = (),
) -> None:
    """Add a line. Whole lines only: it is far shorter than a page."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    left_out = " ".join(sorted(without))
    entry = Entry(event, kind, release, former, owner(), at, left_out)
    line = json.dumps(asdict(entry))
    path = shlex.quote(str(remote.base / "log/deploys.jsonl"))
    folder = shlex.quote(str(remote.base / "log"))
    remote.run_line(
        f"mkdir -p {folder} && printf '%s\\n' {shlex.quote(line)} >> {path}"
    )


def read(remote: Remote) -> list[Entry]:
    """The last lines, oldest first."""
    path = shlex.quote(str(remote.base / "log/deploys.jsonl"))
    said = remote.look_line(f"tail -n {LAST_LINES} {path} 2>/dev/null || true").out
    return entries(said)


def entries(text: str) -> list[Entry]:
    """Lines that cannot be read are left out: a record is no reason to stop."""
    found = []
    for line in text.splitlines():
        try:
            found.append(Entry.from_dict(json.loads(line)))
        except (ValueError, AttributeError):
            continue
    return found


def interrupted(known: list[Entry]) -> Entry | None:
    """The deploy that was begun last, if it never came to an end."""
    return known[-1] if known and known[-1].event in ("begun", "left") else None


def left_out(known: list[Entry]) -> set[str]:
    """The hosts that the last deploy did without: they run what they ran before.

    One that failed since has not brought them along either.
    """
    names: set[str] = set()
    for entry in known:
        without = set(entry.without.split())
        names = without if entry.event == "done" else names | without
    return names
