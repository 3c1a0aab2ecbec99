"""In which order hosts are switched, and how one of them is."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from bakery.deploy import agent
from bakery.deploy.balancers import Balancers
from bakery.deploy.connection import CommandFailed, HostError, Remote
from bakery.deploy.fleet_file import Fleet, Host
from bakery.deploy.report import Report
from bakery.host import codes


class NotSwitched(HostError):
    """The host did not take the release; the words say why, and what it does now."""


def canary_of(fleet: Fleet) -> Host:
    """The first one that answers shoppers."""
    return fleet.web[0]


def batches(fleet: Fleet, done: Sequence[str] = ()) -> list[list[Host]]:
    """Who is switched together, in this order, without those that are done.

    First those who answer shoppers, so many at a time that the others have room for
    all; never all of them at once, where there are several. Then those who work and
    at last the balancers, on which nothing is stopped.
    """
    web = [host for host in fleet.web if host.name not in done]
    others = [
        h for h in fleet.hosts.values() if h not in fleet.web and h.name not in done
    ]
    work = [host for host in others if "work" in host.roles]
    rest = [host for host in others if host not in work]
    at_once = min(fleet.at_once(len(fleet.web)), max(1, len(fleet.web) - 1))
    return [
        *_pieces(web, at_once),
        *_pieces(work, fleet.at_once(len(fleet.work))),
        *_pieces(rest, 1),
    ]


def _pieces(hosts: Sequence[Host], at_once: int) -> Iterator[list[Host]]:
    for first in range(0, len(hosts), at_once):
        yield list(hosts[first : first + at_once])


def switch(
    remote: Remote,
    release: str,
    balancers: Balancers,
    report: Report,
    *,
    stay_drained: bool = False,
) -> None:
    """Let one host run the release: drained before, ready and with shoppers after.

    With stay_drained it runs without any. Raises NotSwitched and HostError.
    """
    is_web = "web" in remote.host.roles
    if is_web:
        balancers.send_away_from(remote.name)
    try:
        agent.switch(remote, release, stay_drained=stay_drained)
    except CommandFailed as error:
        if is_web and error.code == codes.WENT_BACK:
            with contextlib.suppress(HostError):
                balancers.send_to(remote.name)
        told = f"{release} did not start there: {error.words}"
        raise NotSwitched(remote.name, told) from error
    report.say(f"runs {release}", remote)
    if is_web and not stay_drained:
        balancers.send_to(remote.name)
