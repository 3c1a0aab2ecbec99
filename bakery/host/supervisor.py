"""What is asked of whatever starts the host's services and keeps them running."""

from __future__ import annotations

from bakery.host.layout import Layout

ROLES = ("web", "work", "balancer")
WORDS = 3000  # at the end of a log, that tell why it does not start


def service_of(role: str) -> str:
    return f"bakery-{role}"


class Supervisor:
    """Services by role. All of it may be repeated; raises HostError if it fails."""

    def __init__(self, layout: Layout, user: str) -> None:
        self.layout = layout
        self.user = user

    def define(self, role: str) -> None:
        """Let there be the service; it is not started by that, and not restarted."""
        raise NotImplementedError

    def has(self, role: str) -> bool:
        """Would the service run, now or when the host starts?"""
        raise NotImplementedError

    def forget(self, role: str) -> None:
        """The host has this role no more: stop the service and take it away."""
        raise NotImplementedError

    def start(self, role: str) -> None:
        """Now and whenever the host starts."""
        raise NotImplementedError

    def stop(self, role: str) -> None:
        """Returns when its last process has ended; what was begun is finished.

        Until `start`, or until the host starts anew: a host that loses its power
        between the two comes back with what it has.
        """
        raise NotImplementedError

    def process(self, role: str) -> int:
        """Its first process; 0 if it does not run."""
        raise NotImplementedError

    def last_words(self, role: str) -> str:
        """The end of its log; "" if that cannot be read."""
        raise NotImplementedError
