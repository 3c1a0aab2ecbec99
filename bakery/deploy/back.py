"""Hosts that were switched go back, one after the other, drained like on their way."""

from __future__ import annotations

from collections.abc import Mapping

from bakery.deploy import rolling
from bakery.deploy.balancers import Balancers
from bakery.deploy.connection import HostError, Remote
from bakery.deploy.fleet_file import Fleet
from bakery.deploy.report import Report
from bakery.deploy.together import outcomes

TRIES = 2


def go_back(
    fleet: Fleet,
    remotes: Mapping[str, Remote],
    former: Mapping[str, str],
    balancers: Balancers,
    report: Report,
) -> None:
    """Each that has one in `former`, to that. Never raises HostError: the report says
    who is not back, and why; the others are.
    """
    staying = [name for name in remotes if name not in former]
    for batch in rolling.batches(fleet, done=staying):
        together = [remotes[host.name] for host in batch]
        done, errors = outcomes(
            together, lambda r: _back(r, former[r.name], balancers, report)
        )
        report.went_back += list(done)
        report.not_back |= {name: error.words for name, error in errors.items()}


def _back(remote: Remote, former: str, balancers: Balancers, report: Report) -> None:
    if not former:
        raise HostError(remote.name, "it had no release before this one")
    for left in reversed(range(TRIES)):
        try:
            rolling.switch(remote, former, _that_answer(balancers), report)
            return
        except HostError:
            if not left:
                raise


def _that_answer(balancers: Balancers) -> Balancers:
    """A balancer that is away is no reason to leave a bad release where it is."""
    answering = balancers.look_where_possible()
    return Balancers([r for r in balancers.remotes if r.dry or r.name in answering])
