"""Addresses of hosts as they stand in URLs, in HAProxy's file and in known_hosts. Pure.

With the standard library alone: hosts read it too, before they have more.
"""

from __future__ import annotations

SSH_PORT = 22


def url_of(address: str, port: int, path: str = "") -> str:
    """Where the web server of a host is reached directly; the path begins with /."""
    return f"http://{with_port(address, port)}{path}"


def with_port(address: str, port: int) -> str:
    """Host and port in one word. IPv6 is full of colons, so it gets brackets."""
    return f"{f'[{address}]' if ':' in address else address}:{port}"


def known_as(address: str, ssh_port: int) -> str:
    """By which name ssh looks for a host's key in known_hosts."""
    return address if ssh_port == SSH_PORT else f"[{address}]:{ssh_port}"
