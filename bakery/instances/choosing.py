"""What a change of a fleet begins with: who answers, what they run, and who may leave.

A clone that is dead answers nothing; it can leave all the same.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from bakery.deploy import agent
from bakery.deploy.connection import HostAway, HostError, Remote
from bakery.deploy.fleet_file import Fleet
from bakery.deploy.together import Failures, outcomes


class CannotChange(Exception):
    """The fleet stays as it is; the message says why and what to do."""


@dataclass(frozen=True)
class Seen:
    """The fleet at the moment at which its change begins."""

    release: str  # that all web hosts run which answer
    away: Mapping[str, HostError]  # hosts that do not answer

    def one_of(self, names: Collection[str]) -> str:
        """The first of them that answers."""
        return next(name for name in names if name not in self.away)


def look_at(fleet: Fleet, remotes: Mapping[str, Remote]) -> Seen:
    """Ask every host. Raises CannotChange, and Failures if a balancer is away."""
    states, errors = outcomes(remotes.values(), _state)
    needed = {host.name for host in fleet.balancers}
    broken = {
        name: error
        for name, error in errors.items()
        if name in needed or not isinstance(error, HostAway)
    }
    if broken:
        raise Failures(broken)
    demand_own_file(fleet, next(iter(remotes)), states)
    return Seen(_release(fleet, states), errors)


def _state(remote: Remote) -> agent.Step:
    agent.put_agent(remote)
    return agent.state(remote)


def demand_own_file(fleet: Fleet, first: str, states: Mapping[str, agent.Step]) -> None:
    """Raises CannotChange if the fleet has grown by hosts that this file has not.

    By what its first host and its balancers know: the others may have been away when
    a clone left, and still name it.
    """
    for name in [first, *(host.name for host in fleet.balancers)]:
        known = states.get(name, {}).get("hosts") or []
        lacking = [each for each in known if each not in fleet.hosts]
        if lacking:
            raise CannotChange(
                f"{', '.join(lacking)}: in the fleet's own file ({name}, {fleet.path}"
                "/shared/fleet.toml) and not in yours, which is older. Take it from "
                "there; or, if they have left for good, `deploy` with your file first."
            )


def _release(fleet: Fleet, states: Mapping[str, agent.Step]) -> str:
    web = [states[host.name] for host in fleet.web if host.name in states]
    found = {str(state.get("current") or "") for state in web}
    if not found:
        raise CannotChange("No web host answers, so nobody knows what they run.")
    if len(found) != 1 or "" in found:
        raise CannotChange(
            "The hosts do not run one and the same release: deploy one first, or "
            "let the deploy that was interrupted come to its end."
        )
    return found.pop()


def next_name(fleet: Fleet) -> str:
    """The first free one in the row: app1, app2, ... as the fleet's own are called."""
    stem = fleet.web[0].name.rstrip("0123456789") or "clone"
    numbers = range(1, len(fleet.hosts) + 2)
    return next(n for i in numbers if (n := f"{stem}{i}") not in fleet.hosts)


def who_leaves(fleet: Fleet, away: Collection[str] = ()) -> str:
    """Of those that do nothing but answer shoppers: a dead one, else the youngest.

    The youngest is the last one in the file. Raises CannotChange if there is none.
    """
    may = [host.name for host in fleet.web if host.roles == {"web"}]
    if not may:
        raise CannotChange("Every clone has other work to do as well: none may leave.")
    dead = [name for name in may if name in away]
    return (dead or may)[-1]
