"""Watches the first host of a release while it takes shoppers."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from bakery.deploy.addresses import url_of
from bakery.deploy.balancers import Balancers
from bakery.deploy.canary import LOOK_SECONDS, Verdict, judge, judge_at_balancer
from bakery.deploy.connection import HostError, Remote
from bakery.deploy.figures import FRONT, AtBalancer, Figures, of_metrics, together
from bakery.deploy.fleet_file import Canary
from bakery.deploy.together import outcomes

COMPARED = 3  # other clones that are asked; more would tell the same
# Runs on the clone itself: its figures are for whoever stands beside it.
ASK = """
import sys, urllib.request
asked = urllib.request.Request(sys.argv[1], headers={"Host": sys.argv[2]})
sys.stdout.write(urllib.request.urlopen(asked, timeout=5).read().decode())
""".strip()
EVERYWHERE = ("", "0.0.0.0", "::")  # nosec B104: compared, not bound


class Watch:
    """From the moment at which it is made. Raises HostError if a clone is silent."""

    def __init__(
        self, canary: Remote, others: Sequence[Remote], balancers: Balancers
    ) -> None:
        self.canary = canary
        self.others = list(others)[:COMPARED]
        self.balancers = balancers
        self.limits = canary.fleet.canary
        self.before = self._look()
        self.at_balancers = balancers.look_where_possible()

    def until_the_end(self) -> Verdict:
        """The first bad verdict, or after the time in the fleet file the last one."""
        until = time.monotonic() + self.limits.seconds
        while (left := until - time.monotonic()) > 0:
            verdict = self.verdict(final=False)
            if verdict.bad:
                return verdict
            time.sleep(min(LOOK_SECONDS, left))
        return self.verdict(final=True)

    def verdict(self, *, final: bool) -> Verdict:
        """By all that has been counted up to now."""
        now = self._look()
        mine = now[self.canary.name].since(self.before[self.canary.name])
        theirs = together(
            now[name].since(self.before[name])
            for name in now.keys() & self.before.keys()
            if name != self.canary.name
        )
        verdict = judge(mine, theirs, self.limits, final=final)
        return verdict if verdict.bad else self._at_balancers(final) or verdict

    def _at_balancers(self, final: bool) -> Verdict | None:
        """The bad one, if one of them finds it bad."""
        for balancer, after in self.balancers.look_where_possible().items():
            before = self.at_balancers.get(balancer, {})
            verdict = at_one_balancer(
                self.canary.name, before, after, self.limits, final=final
            )
            if verdict and verdict.bad:
                return verdict
        return None

    def _look(self) -> dict[str, Figures]:
        """The canary must answer; another clone may be away."""
        found, errors = outcomes([self.canary, *self.others], figures_of)
        if self.canary.name in errors:
            raise errors[self.canary.name]
        return found


def at_one_balancer(
    canary: str,
    before: Mapping[str, AtBalancer],
    after: Mapping[str, AtBalancer],
    limits: Canary,
    *,
    final: bool,
) -> Verdict | None:
    """The canary against all other clones there. None where it is not known."""
    if canary not in before or canary not in after:
        return None
    others = together(
        after[name].figures.since(before[name].figures)
        for name in after.keys() & before.keys() - {canary, FRONT}
    )
    return judge_at_balancer(before[canary], after[canary], limits, others, final=final)


def figures_of(remote: Remote) -> Figures:
    """What the clone has counted. Raises HostError if it does not tell."""
    host = remote.host
    address = "127.0.0.1" if host.bind in EVERYWHERE else host.bind
    url = url_of(address, host.port, "/metrics")
    site = urlsplit(remote.fleet.site_url).netloc
    said = remote.look(*remote.python, "-c", ASK, url, site, seconds=20)
    return of_metrics(said.out)


def requests_by_clone(remotes: Sequence[Remote]) -> dict[str, AtBalancer]:
    """Of the clones that answer, for people who look."""
    found: dict[str, AtBalancer] = {}
    with contextlib.suppress(HostError):
        for seen in Balancers(list(remotes)).look_where_possible().values():
            for name, row in seen.items():
                found[name] = _sum(found[name], row) if name in found else row
    return found


def _sum(one: AtBalancer, other: AtBalancer) -> AtBalancer:
    """Of two balancers: the worse state, the sum of what was counted."""
    worse = one if not one.is_up else other
    return AtBalancer(
        worse.state,
        min(one.weight, other.weight),
        one.now + other.now,
        one.waiting + other.waiting,
        one.requests + other.requests,
        one.errors + other.errors,
    )
