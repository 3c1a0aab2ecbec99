"""What each host is and has before anything is changed, and whether a deploy may be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bakery.deploy import agent, record
from bakery.deploy.balancers import Balancers
from bakery.deploy.preflight import (
    Fault,
    faults_of_file,
    faults_of_hosts,
    faults_of_ports,
    faults_of_secrets,
    has_no_room,
)
from bakery.deploy.situation import Situation, faults_of_mixture, releases_by_host
from bakery.deploy.together import on_all, outcomes

if TYPE_CHECKING:
    from bakery.deploy.deploying import Deploy


class Refused(Exception):
    """Nothing was changed; .faults say what is wrong and what to do."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


def look(deploy: Deploy) -> None:
    """What is there? Raises Refused."""
    deploy.at = "preflight"
    deploy.states = on_all(deploy.remotes.values(), agent.state)
    _make_room(deploy)
    known = record.read(deploy.first)
    interrupted = record.interrupted(known)
    deploy.situation = Situation(releases_by_host(deploy.states), interrupted)
    deploy.report.former = dict(deploy.situation.former)
    faults = list(_faults(deploy))
    if not deploy.mixed:
        faults += faults_of_mixture(
            deploy.states, deploy.release, interrupted, record.left_out(known)
        )
    if faults:
        raise Refused(faults)
    there = {name for s in deploy.states.values() for name in s.get("hosts", ())}
    deploy.taken_away = there - deploy.whole.hosts.keys()
    deploy.balancers = Balancers([deploy.remotes[n] for n in running_balancers(deploy)])
    deploy.report.say(f"{len(deploy.remotes)} hosts are ready for it")
    if interrupted:
        told = f"the {interrupted.kind} of {interrupted.at} was interrupted"
        deploy.report.say(f"{told}: going on from there")


def _faults(deploy: Deploy) -> Iterator[Fault]:
    """What is wrong with hosts, whichever releases they run."""
    states, archive = deploy.states, deploy.archive
    if archive and not archive.is_sound:
        wrong = f"the files of {archive.id} in {archive.path.parent} are damaged"
        yield Fault("this machine", wrong, "Take them away; `release` makes it anew.")
    yield from faults_of_hosts(states, archive.python if archive else "")
    yield from faults_of_secrets(states)
    yield from faults_of_ports(states, deploy.fleet)
    yield from faults_of_file(states, deploy.whole, fewer=deploy.fewer)


def _make_room(deploy: Deploy) -> None:
    """What failed deploys have left may be all that is in the way."""
    full = [deploy.remotes[n] for n, s in deploy.states.items() if has_no_room(s)]
    if full and not deploy.dry:
        outcomes(full, agent.prune)
        deploy.states |= on_all(full, agent.state)


def running_balancers(deploy: Deploy) -> list[str]:
    return [
        host.name
        for host in deploy.fleet.balancers
        if deploy.states[host.name].get("services", {}).get("balancer")
    ]


def done_hosts(deploy: Deploy) -> list[str]:
    """Who runs the release by our fleet file and has nothing to be told."""
    ours = agent.fleet_id(deploy.fleet.text)
    return [n for n, s in deploy.states.items() if runs(s, deploy.release, ours)]


def runs(state: agent.Step, release: str, fleet_id: str) -> bool:
    """Does the host serve that release by that fleet file, in all its roles, to
    everybody, with the variables that are there now?
    """
    answers = "web" not in state.get("roles", []) or (
        state.get("ready", {}).get("code") == 200 and not state.get("draining")
    )
    up = all(state.get("services", {}).values()) and bool(state.get("services"))
    is_told = state.get("fleet_id") == fleet_id
    is_served = state.get("served_id") == state.get("wanted_id")
    same = state.get("current") == release
    return same and up and answers and is_told and is_served
