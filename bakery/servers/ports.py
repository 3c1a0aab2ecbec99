"""Free ports of this machine."""

from __future__ import annotations

import socket

LOOPBACK = "127.0.0.1"


def free_port(address: str = LOOPBACK) -> int:
    """A TCP port nobody listens on right now. Somebody else may take it meanwhile."""
    with socket.socket() as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]
