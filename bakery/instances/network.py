"""A network of hosts on this machine: a bridge with addresses of its own.

Any number of them can be there at once. A temporary one belongs to the process that
opened it: when that is gone, however it went, the next one that opens a network takes
away what it has left.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from bakery.image.folders import HOSTS, own_folder
from bakery.image.rootfs import searched
from bakery.instances.quota import forget_quota, members

HOME = HOSTS
NUMBERS = range(1, 250)
# The first half of each address: of the networks that are set apart for trying out how
# machines speak with each other (RFC 2544), so nobody's own and no container's.
RANGE = "198.18"


class NoHosts(Exception):
    """Hosts cannot be made here; the message says why."""


@dataclass
class Network:
    """A bridge and the folder of its hosts. This machine is its first address."""

    number: int
    folder: Path
    _held: IO[str] | None = field(default=None, repr=False)

    @property
    def bridge(self) -> str:
        return f"bakery{self.number}"

    @property
    def gateway(self) -> str:
        return self.address(1)

    def address(self, number: int) -> str:
        return f"{RANGE}.{self.number}.{number}"

    @property
    def range(self) -> str:
        return f"{self.address(0)}/24"

    def free_address(self) -> str:
        """One that no host of this network has, running or not."""
        taken = {
            json.loads(facts.read_text())["address"]
            for facts in self.folder.glob("*/host.json")
        }
        return next(
            address for n in range(10, 250) if (address := self.address(n)) not in taken
        )

    def close(self) -> None:
        """Take away all its hosts and the bridge. Repeatable."""
        for folder in self.folder.glob("*/"):
            end_processes(self, folder.name)
        ip("link", "delete", self.bridge, check=False)
        if self._held:
            self._held.close()
        # Lazily: whoever takes away what another one left has its owner's file open.
        subprocess.run(["umount", "-q", "-l", self.folder], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


def open_network(home: Path = HOME, *, temporary: bool = False) -> Network:
    """A new network with a range of addresses that is free.

    Raises NoHosts, and NotOurs for a folder into which others may write.
    """
    with _alone(own_folder(home)):
        _clean(home)
        for number in NUMBERS:
            network = Network(number, home / str(number))
            made = ip("link", "add", network.bridge, "type", "bridge", check=False)
            if made.returncode == 0:
                return _set_up(network, temporary)
            if "exists" not in made.stderr:
                raise NoHosts(f"no bridge can be made: {made.stderr.strip()}")
    raise NoHosts("there are too many networks on this machine already")


def _set_up(network: Network, temporary: bool) -> Network:
    network.folder.mkdir(parents=True, exist_ok=True)
    kind = subprocess.check_output(["stat", "-fc", "%T", network.folder], text=True)
    if kind.strip() == "overlayfs":  # which cannot lie on one of its own kind
        ip_words = ["mount", "-t", "tmpfs", "-o", "mode=755", "hosts", network.folder]
        subprocess.run(ip_words, check=True)
    if temporary:
        network._held = (network.folder / "owner").open("w")
        fcntl.flock(network._held, fcntl.LOCK_EX)
    ip("address", "add", f"{network.gateway}/24", "dev", network.bridge)
    ip("link", "set", network.bridge, "up")
    return network


def _clean(home: Path) -> None:
    """Take away temporary networks whose owner is gone."""
    for folder in home.glob("[0-9]*"):
        owner = folder / "owner"
        if not owner.exists():
            continue
        with owner.open() as held, suppress(BlockingIOError):
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            Network(int(folder.name), folder).close()


def end_processes(network: Network, name: str) -> None:
    """End whatever runs in the host, at once. Repeatable."""
    facts = network.folder / name / "host.json"
    if facts.exists() and (pid := running(json.loads(facts.read_text()))):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    for pid in members(f"{network.bridge}-{name}"):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    forget_quota(f"{network.bridge}-{name}")


def running(facts: dict) -> int:
    """The process that the host consists of, if it is still the same one; else 0."""
    pid = facts.get("pid", 0)
    return pid if pid and began(pid) == facts["began"] else 0


def began(pid: int) -> int:
    """When a process began, in the kernel's ticks; 0 if it is none or has ended."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return 0 if words[0] == "Z" else int(words[19])


def ip(*words: str, check: bool = True) -> subprocess.CompletedProcess:
    """The system's own tool for networks. Raises NoHosts, unless check is off."""
    answer = subprocess.run(
        ["ip", *words],
        check=False,
        env=os.environ | {"PATH": searched()},
        capture_output=True,
        text=True,
    )
    if check and answer.returncode:
        raise NoHosts(f"ip {' '.join(words)}: {answer.stderr.strip()}")
    return answer


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    with (home / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def network_of(address: str, home: Path = HOME) -> Network:
    """The network on this machine to which an address belongs. Raises NoHosts."""
    number = address.removeprefix(f"{RANGE}.").partition(".")[0]
    if address.startswith(f"{RANGE}.") and (home / number).is_dir():
        return Network(int(number), home / number)
    raise NoHosts(
        f"{address} is no host on this machine; for other machines name programs in "
        'the fleet file: [provider] kind = "command"'
    )
