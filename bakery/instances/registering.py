"""A clone made known to the balancers, and forgotten by them, while they serve.

Through HAProxy's runtime interface, at once and without a reload; and in the file, so
that it still holds when HAProxy is started again.
"""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Sequence
from string import Template

from bakery.deploy import agent
from bakery.deploy.addresses import with_port
from bakery.deploy.answers import json_of
from bakery.deploy.balancers import TELL, Balancers
from bakery.deploy.connection import Remote
from bakery.deploy.fleet_file import Host
from bakery.deploy.together import on_all
from bakery.fleet.balancer import TEMPLATE
from bakery.fleet.deployed import SOCKET

IDLE_SECONDS = 10  # until a removed server's last connection is closed
DEFAULTS = re.compile(r"^    default-server (.*)$", re.MULTILINE)


def register(balancers: Sequence[Remote], host: Host, release: str) -> None:
    """Returns when each balancer has found it up. Raises HostError. Repeatable."""

    def on_one(remote: Remote) -> None:
        clone, twin = f"clones/{host.name}", f"clones/{host.name}-unchecked"
        address = with_port(host.address, host.port)
        slots = host.workers * host.threads
        checked, unchecked = options(slots)
        # One of this name may be left, at another address, by who was broken off.
        _are_deleted(remote, host.name)
        answers = tell(
            remote,
            f"add server {clone} {address} {checked}",
            f"add server {twin} {address} {unchecked} backup",
        )
        if any(not _is_there(answer) for answer in answers):
            write_configuration(remote, release, reload=True)
            return
        tell(
            remote,
            f"enable server {clone}",
            f"enable health {clone}",
            f"enable server {twin}",
        )
        write_configuration(remote, release)

    on_all(balancers, on_one)
    Balancers(list(balancers)).send_to(host.name)


def forget(balancers: Sequence[Remote], name: str, release: str) -> None:
    """After it was drained. What holds on to it is waited for. Raises HostError."""

    def on_one(remote: Remote) -> None:
        gone = _are_deleted(remote, name)
        write_configuration(remote, release, reload=not gone)

    on_all(balancers, on_one)


def _are_deleted(remote: Remote, name: str) -> bool:
    """The server and its twin that is never checked. Repeatable."""
    return _is_deleted(remote, f"{name}-unchecked") and _is_deleted(remote, name)


def _is_deleted(remote: Remote, server: str) -> bool:
    tell(
        remote,
        f"disable health clones/{server}",
        f"set server clones/{server} state maint",
    )
    until = time.monotonic() + IDLE_SECONDS
    while True:
        [answer] = tell(remote, f"del server clones/{server}")
        if "deleted" in answer or "No such server" in answer or remote.dry:
            return True
        if time.monotonic() > until:
            return False
        time.sleep(0.2)


def options(slots: int) -> tuple[str, str]:
    """What the file says for every server; a server added later is to be told."""
    text = TEMPLATE.read_text()
    checked, _, rest = text.partition("$servers")
    words = " ".join(DEFAULTS.findall(checked.partition("backend clones")[2]))
    own = Template(words).substitute(slots=slots)
    return own, f"maxconn {slots} weight 100"


def write_configuration(remote: Remote, release: str, *, reload: bool = False) -> None:
    """Tell the balancer the fleet as it is now, for its next start or at once."""
    agent.configure(remote)
    words = ["balancer_config", "--file", str(remote.base / "shared/fleet.toml")]
    words += ["--base", str(remote.base), *(["--reload"] if reload else [])]
    remote.run_line(agent.manage_line(remote, release, *words))


def tell(remote: Remote, *commands: str) -> list[str]:
    """Say it to the balancer's HAProxy; its answers. Raises HostError."""
    python = shlex.split(remote.fleet.python)
    said = remote.run(*python, "-c", TELL, str(remote.base / SOCKET), *commands)
    return json_of(remote.name, said) if said.out else ["" for _ in commands]


def _is_there(answer: str) -> bool:
    return not answer or "registered" in answer
