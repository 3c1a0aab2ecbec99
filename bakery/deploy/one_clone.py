"""One clone leaves its customers to the others for a while, and takes them again."""

from __future__ import annotations

import contextlib

from bakery.deploy import agent
from bakery.deploy.balancers import Balancers
from bakery.deploy.connection import HostError, Remote


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
