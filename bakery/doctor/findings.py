"""What an examination has found, and how examinations are run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import NamedTuple

from django.db import DatabaseError


class State(StrEnum):
    OK = "ok"
    SKIPPED = "skipped"
    WRONG = "wrong"
    AWAY = "away"  # did not answer


class Finding(NamedTuple):
    """One line of the doctor's: of what, in which state, and what to do about it."""

    name: str
    state: State
    says: str
    do: str = ""


Examination = Callable[[], Iterable[Finding]]


def examine(examinations: dict[str, Examination]) -> Iterator[Finding]:
    """All findings, by and by; an examination that fails is a finding itself."""
    for name, examination in examinations.items():
        try:
            yield from examination()
        except DatabaseError:
            yield Finding(name, State.SKIPPED, "needs the database, which did not help")
        except Exception as error:
            says = f"could not be examined: {type(error).__name__}: {error}"
            yield Finding(name, State.WRONG, says, "Read what it says.")


class Stopwatch:
    """Milliseconds since it was made."""

    def __init__(self) -> None:
        self.began = time.perf_counter()

    def __str__(self) -> str:
        return f"{(time.perf_counter() - self.began) * 1000:.1f} ms"


@contextmanager
def or_away(name: str, do: str, *errors: type[Exception]) -> Iterator[list[Finding]]:
    """A list to put findings into; errors of the transport become a finding."""
    found: list[Finding] = []
    try:
        yield found
    except errors as error:
        words = str(error).strip().splitlines() or [type(error).__name__]
        found.append(Finding(name, State.AWAY, f"does not answer: {words[0]}", do))
