"""Starting a program on a port that another one may have taken in the meantime."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from bakery.servers.process import AddressTaken

TRIES = 5


class Startable(Protocol):
    """A Program, or what stands for one. It chooses its ports when it is made."""

    def start(self) -> object: ...

    def wait_until_up(self, seconds: float = ...) -> None: ...


Server = TypeVar("Server", bound=Startable)


def started(make: Callable[[], Server]) -> Server:
    """Make one and start it; wait_until_up() of this module tells when it answers."""
    server = make()
    server.start()
    return server


def wait_until_up(
    server: Server, make: Callable[[], Server], seconds: float = 30
) -> Server:
    """The server when it answers, or another one on other ports. Raises DidNotStart.

    A free port is free at the moment at which it is asked for; whoever was faster has
    it when the server wants it.
    """
    for _ in range(TRIES - 1):
        try:
            server.wait_until_up(seconds)
            return server
        except AddressTaken:
            server = started(make)
    server.wait_until_up(seconds)
    return server
