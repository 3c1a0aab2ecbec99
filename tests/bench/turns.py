"""Ours and its floor by turns, so that whatever else the machine does hits both."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tests.bench.load import Load
from tests.bench.row import Row, Target, beside

Taken = TypeVar("Taken")


def by_turns(
    rounds: int, ours: Callable[[], Taken], floor: Callable[[], Taken]
) -> list[tuple[Taken, Taken]]:
    """One of each that does not count, then rounds of both, each beginning once."""
    ours(), floor()
    pairs = []
    for number in range(rounds):
        if number % 2:
            mine = ours()
            pairs.append((mine, floor()))
        else:
            other = floor()
            pairs.append((ours(), other))
    return pairs


def rate_row(
    work: str, pairs: list[tuple[Load, Load]], target: Target | None = None, note=""
) -> Row:
    """Requests in a second."""
    ours, floor = zip(*((a.per_second, b.per_second) for a, b in pairs), strict=True)
    return beside(work, ours, floor, "requests/s", target, note)


def cpu_row(
    work: str, pairs: list[tuple[Load, Load]], target: Target | None = None, note=""
) -> Row:
    """Milliseconds of processor time for each request."""
    ours, floor = zip(*((a.cpu_ms, b.cpu_ms) for a, b in pairs), strict=True)
    return beside(work, ours, floor, "CPU ms", target, note)
