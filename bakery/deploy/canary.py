"""Whether the first host of a release does as well as the others. Pure.

Errors are judged by chance: how likely would so many be if the canary failed as rarely
as the others do, plus what the fleet file grants? Where nobody else fails and nothing
is granted, the first error is one too many.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from bakery.deploy.figures import AtBalancer, Figures
from bakery.deploy.fleet_file import Canary

UNLIKELY = 0.01
ENOUGH = 100  # requests on either side, before their times are compared
NOTICEABLE = 0.005  # seconds; what is slower by less nobody notices

Times = dict[str, list[float]]  # seconds by page


@dataclass(frozen=True)
class Verdict:
    """`words` say why it is bad, or on what it was found well."""

    bad: bool
    words: str


def judge(canary: Figures, others: Figures, limits: Canary) -> Verdict:
    """By what either has counted since the canary takes shoppers."""
    for verdict in (
        judge_errors(canary, others, limits),
        _times(canary, others, limits),
    ):
        if verdict.bad:
            return verdict
    return Verdict(
        False,
        f"{canary.requests} requests, {canary.errors} failed; the others: "
        f"{others.requests}, {others.errors} failed",
    )


def judge_errors(canary: Figures, others: Figures, limits: Canary) -> Verdict:
    granted = min(1.0, others.share_of_errors + limits.errors / 100)
    bad = (
        canary.errors > 0
        and at_least(canary.errors, of=canary.requests, chance=granted) < UNLIKELY
    )
    return Verdict(
        bad,
        f"{canary.errors} of its {canary.requests} requests failed; of the others' "
        f"{others.requests} it was {others.errors}",
    )


def _times(canary: Figures, others: Figures, limits: Canary) -> Verdict:
    """Slower in the middle and at the end: one alone is often an accident."""
    if min(canary.requests, others.requests) < ENOUGH:
        return Verdict(False, "too few requests to compare times")
    pairs = [(canary.quantile(part), others.quantile(part)) for part in (0.5, 0.95)]
    bad = all(is_slower(one, other, limits.slower) for one, other in pairs)
    told = " and ".join(
        f"{one * 1000:.0f} ms to {two * 1000:.0f} ms" for one, two in pairs
    )
    return Verdict(bad, f"it answers half of its requests and 95 % of them in {told}")


def judge_at_balancer(before: AtBalancer, now: AtBalancer, limits: Canary) -> Verdict:
    """By what the balancer has counted: it also sees who gave no answer at all."""
    seen = Figures(now.requests - before.requests, now.errors - before.errors)
    granted = limits.errors / 100
    bad = (
        seen.errors > 0
        and at_least(seen.errors, of=max(seen.requests, seen.errors), chance=granted)
        < UNLIKELY
    )
    return Verdict(
        bad,
        f"the balancer got {seen.errors} errors from it of {seen.requests} requests",
    )


def compare(canary: Times, others: Times, limits: Canary) -> Verdict:
    """By the same pages, asked one after the other here and there.

    Pages that are kept, those that are made anew and a shopper's own count apart: what
    is slow to make stays slow, however fast a kept page is shown.
    """
    told, bad = [], False
    for kind, pages in _kinds(canary).items():
        mine = [undisturbed(canary[page]) for page in pages]
        theirs = [undisturbed(others[page]) for page in pages]
        one, other = median(mine), median(theirs)
        bad |= is_slower(one, other, limits.slower)
        told.append(
            f"{kind} pages {one * 1000:.1f} ms, elsewhere {other * 1000:.1f} ms"
        )
    return Verdict(bad, "; ".join(told))


def _kinds(times: Times) -> dict[str, list[str]]:
    kinds: dict[str, list[str]] = {}
    for page in times:
        first = page.split("/")[1]
        kind = {"search": "new", "basket": "own"}.get(first, "kept")
        kinds.setdefault(kind, []).append(page)
    return kinds


def undisturbed(seconds: list[float]) -> float:
    """What a page takes when nothing else is in its way: a fifth is faster.

    One of two clones is busy with shoppers, so the middle would tell of the crowd.
    """
    return sorted(seconds)[len(seconds) // 5]


def is_slower(one: float, other: float, times: float) -> bool:
    return one > other * times and one - other > NOTICEABLE


def at_least(number: int, *, of: int, chance: float) -> float:
    """How likely at least so many of them fail when each does by that chance."""
    if number <= 0 or chance >= 1:
        return 1.0
    if chance <= 0:
        return 0.0
    term, below = (1 - chance) ** of, 0.0
    for k in range(min(number, of + 1)):
        below += term
        term *= (of - k) / (k + 1) * chance / (1 - chance)
    return max(0.0, 1.0 - below)
