"""One clone leaves its customers to the others for a while, and takes them again."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from bakery.deploy import agent
from bakery.deploy.balancers import Balancers
from bakery.deploy.connection import HostError, Remote
from bakery.deploy.together import outcomes


class TheLast(Exception):
    """Nobody would answer shoppers any more."""


def demand_another(remotes: Mapping[str, Remote], name: str) -> None:
    """Raises TheLast unless another clone takes customers now."""
    others = [
        remote
        for remote in remotes.values()
        if "web" in remote.host.roles and remote.name != name
    ]
    states, _ = outcomes(others, _state)
    if not any(takes_customers(state) for state in states.values()):
        raise TheLast(
            f"No other clone takes customers: without {name} the shop is away. "
            "--even-the-last does it."
        )


def takes_customers(state: agent.Step) -> bool:
    return state.get("ready", {}).get("code") == 200 and not state.get("draining")


def _state(remote: Remote) -> agent.Step:
    agent.put_agent(remote)
    return agent.state(remote)


def drain_clone(remote: Remote, balancers: Balancers) -> None:
    """No new request; returns when the last one is answered. Raises HostError.

    It says so itself, by /ready, so that it holds however often a balancer starts.
    """
    agent.put_agent(remote)
    agent.drain(remote)
    with contextlib.suppress(HostError):
        balancers.send_away_from(remote.name)


def ready_clone(remote: Remote, balancers: Balancers) -> None:
    """Customers come again; returns when balancers have found it up."""
    agent.put_agent(remote)
    agent.ready(remote)
    balancers.send_to(remote.name)
