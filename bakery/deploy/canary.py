"""Whether the first host of a release does as well as the others. Pure.

Errors are judged by chance: how likely would so many be if the canary failed as rarely
as the others do, plus what the fleet file grants? It is looked at many times, and each
look is one more occasion for an accident: so the more looks, the less likely it has to
be. Where nobody else fails and nothing is granted, the first error is one too many; but
that nobody else fails shows only after a while.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, lgamma, log, log1p
from statistics import median

from bakery.deploy.figures import AtBalancer, Figures
from bakery.deploy.fleet_file import Canary

LOOK_SECONDS = 0.5  # from one look at the figures to the next
UNLIKELY = 0.01  # over all looks together: a good release is refused as rarely
QUIET = 500  # requests of the others without an error, until they count as free of it
ENOUGH = 100  # requests on either side, before their times are compared
NOTICEABLE = 0.005  # seconds; what is slower by less nobody notices

Times = dict[str, list[float]]  # seconds by page


@dataclass(frozen=True)
class Verdict:
    """`words` say why it is bad, or on what it was found well."""

    bad: bool
    words: str


def judge(
    canary: Figures, others: Figures, limits: Canary, *, final: bool = True
) -> Verdict:
    """By what either has counted since the canary takes shoppers.

    `final` is the last look: what is in doubt then is held against the canary.
    """
    for verdict in (
        judge_errors(canary, others, limits, final=final),
        _times(canary, others, limits),
    ):
        if verdict.bad:
            return verdict
    return Verdict(
        False,
        f"{canary.requests} requests, {canary.errors} failed; the others: "
        f"{others.requests}, {others.errors} failed",
    )


def judge_errors(
    canary: Figures, others: Figures, limits: Canary, *, final: bool = True
) -> Verdict:
    return Verdict(
        _fails_more(canary, others, limits, final),
        f"{canary.errors} of its {canary.requests} requests failed; of the others' "
        f"{others.requests} it was {others.errors}",
    )


def _fails_more(canary: Figures, others: Figures, limits: Canary, final: bool) -> bool:
    if not canary.errors:
        return False
    nobody_else = not others.errors and (final or others.requests >= QUIET)
    if nobody_else and not limits.errors:
        return True
    # As if one more of theirs had failed: a few requests do not show their share.
    share = (others.errors + 1) / (others.requests + 1) if others.requests else 0.0
    granted = min(1.0, share + limits.errors / 100)
    requests = max(canary.requests, canary.errors)  # no answer is no request to some
    likely = at_least(canary.errors, of=requests, chance=granted)
    return likely < UNLIKELY / looks(limits)


def looks(limits: Canary) -> float:
    """How many times it is looked at."""
    return max(1.0, limits.seconds / LOOK_SECONDS)


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


def judge_at_balancer(
    before: AtBalancer,
    after: AtBalancer,
    limits: Canary,
    others: Figures,
    *,
    final: bool = True,
) -> Verdict:
    """By what a balancer has counted: it also sees who gave no answer at all.

    `others` is what the same one has counted meanwhile for the other clones.
    """
    seen = after.figures.since(before.figures)
    return Verdict(
        _fails_more(seen, others, limits, final),
        f"the balancer got {seen.errors} errors from it of {seen.requests} requests; "
        f"from the others {others.errors} of {others.requests}",
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
    if chance <= 0 or number > of:
        return 0.0
    # By logarithms: (1 - chance) ** of is nought for many requests.
    failing, passing = log(chance), log1p(-chance)
    below = sum(
        exp(_ways(k, of) + k * failing + (of - k) * passing) for k in range(number)
    )
    return max(0.0, 1.0 - below)


def _ways(some: int, of: int) -> float:
    """The logarithm of how many ways there are to take some of them."""
    return lgamma(of + 1) - lgamma(some + 1) - lgamma(of - some + 1)
