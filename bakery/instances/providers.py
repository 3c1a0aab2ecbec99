"""Where new hosts come from: this machine, or a program of the operator's."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from bakery.deploy.fleet_file import Fleet
from bakery.image.superclone import make_image
from bakery.instances.namespace import NamespaceHost
from bakery.instances.network import HOME, NoHosts, network_of
from bakery.release.store import Release

PROGRAM_SECONDS = 900
KEY = re.compile(r"^(ssh|ecdsa|sk)-[a-z0-9@.-]+ [A-Za-z0-9+/=]+$")


class TooLate(NoHosts):
    """A program was ended, and nobody knows what it has done."""


@dataclass(frozen=True)
class Made:
    """A host that runs and answers over ssh."""

    address: str
    host_key: str  # "ssh-ed25519 AAAA...", or "" if the provider does not tell
    reminder: str = ""  # for whoever asked for it


class Provider(Protocol):
    """Both raise NoHosts. A host that was not made leaves nothing behind."""

    def create(self, name: str) -> Made: ...

    def remove(self, name: str) -> None:
        """Its files too. Repeatable."""


@dataclass
class Namespaces:
    """Hosts on this machine, from the image, in the network of the fleet's others."""

    fleet: Fleet
    images: Path
    release: Release | None
    home: Path = HOME

    def create(self, name: str) -> Made:
        if self.release is None:
            raise NoHosts(
                "the release of the fleet is not on this machine, so no image can be "
                "made of it: run this where it was deployed from, or name its --into"
            )
        image = make_image(self.images, self.release)
        host = self._host(name)
        host.remove()  # left by a clone that was broken off: the fleet does not know it
        host.make(image.folder, public_key(self.fleet))
        try:
            host.start()
            host.wait_for_ssh()
        except NoHosts:
            host.remove()
            raise
        key = host.host_key.partition(" ")[2].strip()
        return Made(host.address, key, image.reminder(datetime.now(UTC).date()))

    def remove(self, name: str) -> None:
        self._host(name).remove()

    def _host(self, name: str) -> NamespaceHost:
        address = next(iter(self.fleet.hosts.values())).address
        return NamespaceHost(network_of(address, self.home), name)


@dataclass
class Commands:
    """Programs named in the fleet file; they are given the host's name as last word.

    `create` prints the address, and on a second line, if it knows it, the host's ssh
    key; it ends when the host answers over ssh. When it fails it has left nothing.
    `remove` may be called twice, and also for a host that was never there.
    """

    fleet: Fleet
    seconds: float = PROGRAM_SECONDS

    def create(self, name: str) -> Made:
        lines = self._created(name).splitlines()
        if not lines or not lines[0].strip():
            self._remove_quietly(name)
            raise NoHosts(
                f"the provider's `create` printed no address of {name}, which was "
                "removed again"
            )
        key = lines[1].strip() if len(lines) > 1 else ""
        return Made(lines[0].strip(), key if KEY.match(key) else "")

    def _created(self, name: str) -> str:
        try:
            return self._run(self.fleet.provider.create, "create", name)
        except TooLate:
            self._remove_quietly(name)  # it may be there by now, and cost
            raise

    def _remove_quietly(self, name: str) -> None:
        with suppress(NoHosts):
            self.remove(name)

    def remove(self, name: str) -> None:
        self._run(self.fleet.provider.remove, "remove", name)

    def _run(self, command: str, what: str, name: str) -> str:
        if not command:
            raise NoHosts(
                f"the fleet file has no `{what}` in [provider]: name a program that "
                f"can {what} a host"
            )
        try:
            answer = subprocess.run(
                [*shlex.split(command), name],
                check=False,
                env=os.environ | {"BAKERY_FLEET": self.fleet.name},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=self.seconds,
            )
        except subprocess.TimeoutExpired as error:
            told = f"`{command} {name}` was not done after {self.seconds:.0f} s"
            raise TooLate(told) from error
        except (OSError, ValueError) as error:
            raise NoHosts(f"`{command} {name}`: {error}") from error
        if answer.returncode:
            told = (answer.stderr or answer.stdout).strip()[-1000:]
            raise NoHosts(f"`{command} {name}` ended with {answer.returncode}: {told}")
        return answer.stdout


def provider_of(fleet: Fleet, images: Path, release: Release | None) -> Provider:
    """The one that the fleet file names."""
    if fleet.provider.kind == "command":
        return Commands(fleet)
    return Namespaces(fleet, images, release)


def public_key(fleet: Fleet) -> str:
    """The public half of the fleet's ssh key. Raises NoHosts."""
    if not fleet.ssh_key:
        raise NoHosts("the fleet file has no ssh_key that a new host could let in")
    words = ["ssh-keygen", "-y", "-f", str(Path(fleet.ssh_key).expanduser())]
    answer = subprocess.run(words, check=False, capture_output=True, text=True)
    if answer.returncode:
        raise NoHosts(f"ssh_key: {answer.stderr.strip()}")
    return answer.stdout
