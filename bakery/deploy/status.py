"""What each host of a deployed fleet runs and how it does, as rows for people."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from bakery.deploy import agent
from bakery.deploy.connection import HostError, Remote
from bakery.deploy.figures import AtBalancer
from bakery.deploy.together import outcomes
from bakery.deploy.watching import requests_by_clone


@dataclass(frozen=True)
class Row:
    """One host. `state`: ready, draining, starting, down, or away over ssh."""

    host: str
    address: str
    roles: str
    release: str
    state: str
    services: str
    at_balancer: str
    weight: int | None
    requests: int | None
    errors: int | None
    words: str = ""  # why it is away

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def as_line(self) -> str:
        balancer = f"{self.at_balancer} {self.weight}%" if self.at_balancer else ""
        counted = "" if self.requests is None else f"{self.requests}/{self.errors}"
        return (
            f"{self.host:<12} {self.roles:<14} {self.release:<16} {self.state:<9} "
            f"{self.services:<24} {balancer:<10} {counted:>12}  {self.words}"
        ).rstrip()


HEAD = (
    f"{'host':<12} {'roles':<14} {'release':<16} {'state':<9} {'services':<24} "
    f"{'balancer':<10} {'requests/5xx':>12}"
)


def fleet_status(remotes: dict[str, Remote]) -> list[Row]:
    """All hosts at once, in the file's order. Never fails: who is away is told so."""
    states, errors = outcomes(remotes.values(), _state)
    balancers = [r for r in remotes.values() if "balancer" in r.host.roles]
    seen = requests_by_clone(balancers)
    return [
        _row(remote, states.get(name), seen.get(name), errors.get(name))
        for name, remote in remotes.items()
    ]


def in_words(rows: list[Row]) -> str:
    """A table, and under it what somebody ought to look at."""
    lines = [HEAD, *(row.as_line() for row in rows)]
    releases = {row.release for row in rows if row.release}
    if len(releases) > 1:
        lines.append(
            f"Hosts run {len(releases)} releases: {', '.join(sorted(releases))}"
        )
    return "\n".join(lines)


def _state(remote: Remote) -> agent.Step:
    agent.put_agent(remote)
    return agent.state(remote)


def _row(
    remote: Remote,
    state: agent.Step | None,
    seen: AtBalancer | None,
    error: HostError | None,
) -> Row:
    state = state or {}
    services = [
        f"{role} {'up' if process else 'DOWN'}"
        for role, process in state.get("services", {}).items()
    ]
    return Row(
        host=remote.name,
        address=remote.host.address,
        roles=",".join(sorted(remote.host.roles)),
        release=str(state.get("current", "")),
        state="away" if error else _in_one_word(state),
        services=", ".join(services),
        at_balancer=seen.state if seen else "",
        weight=seen.weight if seen else None,
        requests=seen.requests if seen else None,
        errors=seen.errors if seen else None,
        words=error.words.splitlines()[0] if error else "",
    )


def _in_one_word(state: agent.Step) -> str:
    services = state.get("services", {})
    if not services or not all(services.values()):
        return "down"
    if state.get("draining"):
        return "draining"
    if "web" in services and state.get("ready", {}).get("code") != 200:
        return "starting"
    return "ready"
