"""By which files a host's services have started, and by which they should."""

from __future__ import annotations

import contextlib
import hashlib
import tomllib
from pathlib import Path
from typing import Any

from bakery.host.disk import remove, write_whole
from bakery.host.layout import Layout

DIGITS = 16
DIGITS_OF_THE_ENVIRONMENT = 12


def wanted_id(layout: Layout) -> str:
    """Of shared/host as the next switch takes it, and shared/environment; "" if the
    host has never been configured.
    """
    host = _content(layout.host_next) or _content(layout.host)
    return _served_by(layout, host) if host else ""


def served_id(layout: Layout) -> str:
    """Of the two as they were when the last switch started the services; "" before."""
    return _content(_note(layout)).decode(errors="replace").strip()


def note_what_is_served(layout: Layout) -> None:
    """Just before services start. A full disk is no reason not to start them."""
    with contextlib.suppress(OSError):
        remove(_note(layout))
        write_whole(_note(layout), _served_by(layout, _content(layout.host)))


def environment_id(layout: Layout) -> str:
    """Tells whether hosts have the same secrets, and nothing about them."""
    content = _content(layout.environment_file)
    return _digest(content)[:DIGITS_OF_THE_ENVIRONMENT] if content else ""


def fleet_facts(layout: Layout) -> dict[str, Any]:
    """Which fleet file the host has, and which hosts are in it."""
    content = _content(layout.fleet_file)
    return {
        "fleet_id": _digest(content)[:DIGITS] if content else "",
        "hosts": _hosts_in(content),
    }


def _hosts_in(content: bytes) -> list[str]:
    """[] also for a file that nobody could read."""
    try:
        hosts = tomllib.loads(content.decode()).get("hosts", {})
    except ValueError:
        return []
    return list(hosts) if isinstance(hosts, dict) else []


def _served_by(layout: Layout, host: bytes) -> str:
    return _digest(host + b"\0" + _content(layout.environment_file))[:DIGITS]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _note(layout: Layout) -> Path:
    return layout.var / "served"
