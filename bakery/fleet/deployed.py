"""The balancer of a deployed fleet: its configuration out of the fleet file.

It is made on the balancer itself, because the key with which it signs basket cookies
comes from SECRET_KEY, which never leaves the hosts.
"""

from __future__ import annotations

import hashlib
import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from bakery.deploy.addresses import with_port
from bakery.deploy.fleet_file import Fleet
from bakery.fleet.balancer import Balancer, Clone
from bakery.servers.haproxy import check_configuration, tell
from bakery.servers.process import DidNotStart
from basket.tokens import signing_key

SOCKET = "var/balancer.sock"  # HAProxy's runtime interface, below the fleet's path
CONFIGURATION = "var/haproxy.cfg"
RELOAD_SECONDS = 15
HEARD_SECONDS = 3  # then it is asked once more


class CertificateMissing(Exception):
    """The site is https and the balancer would not be; says what to do."""


def balancer_of(fleet: Fleet, base: Path, secret_key: str) -> Balancer:
    """What HAProxy of this fleet needs to know. Raises CertificateMissing."""
    site = urlsplit(fleet.site_url)
    slots = {host.name: host.workers * host.threads for host in fleet.web}
    return Balancer(
        bind=fleet.balancer.bind,
        socket=base / SOCKET,
        clones=[
            Clone(host.name, with_port(host.address, host.port), slots[host.name])
            for host in fleet.web
        ],
        basket_key=signing_key(secret_key),
        certificate=_certificate(fleet),
        balance=fleet.balancer.balance,
        requests_per_10s=fleet.balancer.requests_per_10s,
        basket_cookie="__Host-basket" if site.scheme == "https" else "basket",
        host=site.netloc,
        https=site.scheme == "https",
    )


def _certificate(fleet: Fleet) -> Path | None:
    if not fleet.balancer.certificate:
        return None
    path = Path(fleet.balancer.certificate)
    if not path.exists():
        raise CertificateMissing(
            f"There is no {path} on this balancer: put certificate and key there in "
            'one file, or leave `certificate = ""` where something in front does TLS.'
        )
    return path


def write_configuration(text: str, path: Path) -> bool:
    """If HAProxy takes it; whether it differs. Raises DidNotStart if it refuses."""
    if path.exists() and path.read_text() == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)  # it holds the key of the basket cookie
    draft.write_text(text)
    check_configuration(draft)
    draft.replace(path)
    return True


def take_over(path: Path, socket: Path) -> bool:
    """Let HAProxy run what is written there, unless it does; whether it reloaded.

    Which text it took over last, and as which process, stands beside the file: who was
    broken off after writing it is made up for, and so is a start that nobody noted.
    Raises DidNotStart if it goes on with the former one.
    """
    text = path.read_bytes()
    note = path.with_name(f"{path.name}.running")
    running = note.read_text() if note.exists() else ""
    if running == _note(text, _process(socket)) or not reload(socket):
        return False
    note.write_text(_note(text, _process(socket)))
    return True


def _note(text: bytes, process: int) -> str:
    return f"{hashlib.sha256(text).hexdigest()} {process}\n"


def reload(socket: Path) -> bool:
    """Let the HAProxy that runs here take its file over; False if none does.

    Its sockets are handed on: no request is lost. What was said to it by its runtime
    interface is forgotten. Raises DidNotStart if it goes on with the former one.
    """
    before = _process(socket)
    if not before:
        return False
    until = time.monotonic() + RELOAD_SECONDS
    again = 0.0
    while (now := _process(socket)) in (0, before):
        if time.monotonic() > until:
            raise DidNotStart("HAProxy did not take its new configuration over.")
        # It does not hear who asks while it is still busy with the reload before.
        if now and time.monotonic() > again:
            again = time.monotonic() + HEARD_SECONDS
            with suppress(OSError):  # this one has just ended
                os.kill(_parent_of(now), signal.SIGUSR2)
        time.sleep(0.02)
    return True


def _process(socket: Path) -> int:
    """The one that answers; 0 if none does, or while one hands over to the next."""
    try:
        facts = tell(socket, "show info").splitlines()
    except OSError:
        return 0
    return next((int(f.split()[1]) for f in facts if f.startswith("Pid:")), 0)


def _parent_of(process: int) -> int:
    """HAProxy's master, which reloads."""
    words = Path(f"/proc/{process}/stat").read_text()
    return int(words.rpartition(")")[2].split()[1])
