"""What can be wrong with an operation of a migration."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Harm(StrEnum):
    """Who would suffer."""

    OLD_CODE = "old code"  # servers of the release before: `contract` allows it
    NEW_CODE = "new code"  # servers of this release, as long as contract waits
    LOCK = "lock"  # shoppers wait while a whole table is read or written
    AGAIN = "again"  # what was interrupted could not be tried again, or undone
    UNKNOWN = "unknown"  # nobody can say


class Fault(NamedTuple):
    """One sentence about what goes wrong, and one about what to do instead."""

    harm: Harm
    says: str
    do: str


def old_code(says: str, do: str) -> Fault:
    return Fault(Harm.OLD_CODE, says, do)


def new_code(says: str, do: str) -> Fault:
    return Fault(Harm.NEW_CODE, says, do)


def lock(says: str, do: str) -> Fault:
    return Fault(Harm.LOCK, says, do)


def again(says: str, do: str) -> Fault:
    return Fault(Harm.AGAIN, says, do)


def unknown(says: str, do: str) -> Fault:
    return Fault(Harm.UNKNOWN, says, do)
