"""A new clone from the image to its first shopper, and a clone that leaves.

Both under the fleet's lock, so that no deploy goes on meanwhile; and both write the
fleet file only when all is done.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bakery.deploy import agent
from bakery.deploy.balancers import Balancers
from bakery.deploy.connection import HostError, Remote, Tell, remotes_of
from bakery.deploy.fleet_file import Fleet, read_fleet
from bakery.deploy.lock import hold
from bakery.deploy.one_clone import drain_clone
from bakery.deploy.together import on_all, outcomes
from bakery.instances.fleet_text import with_host, without_host
from bakery.instances.network import NoHosts
from bakery.instances.providers import Made, Provider, provider_of
from bakery.instances.registering import forget, register
from bakery.release.store import Release, read_release

Say = Callable[[str], object]


class CannotChange(Exception):
    """The fleet stays as it is; the message says why and what to do."""


@dataclass
class Growth:
    """A fleet that is to have more or fewer clones. Every change is a whole one."""

    file: Path
    images: Path  # where images are kept
    releases: Path  # where releases are kept
    say: Say = lambda words: None
    dry: Tell | None = None

    def __post_init__(self) -> None:
        self.fleet = read_fleet(self.file)
        self.remotes = remotes_of(self.fleet, self.dry)
        self.release = ""
        self.archive: Release | None = None

    # --- more ----------------------------------------------------------------------

    def clone(self, name: str) -> float:
        """Let there be a web host of this name; seconds until shoppers get there.

        When it fails it is taken away again. Raises CannotChange, NoHosts, LockTaken,
        EditByHand, FleetFileError, HostError and ImageError.
        """
        with self._changing():
            return self._clone(name)

    def scale(self, number: int) -> None:
        """Have so many web hosts: new ones one after the other, the youngest leave.

        Raises what clone() and leave() raise; what was done until then stays done.
        """
        if number < 1:
            raise CannotChange("A fleet needs at least one clone.")
        with self._changing():
            while len(self.fleet.web) < number:
                self._clone(next_name(self.fleet))
            while len(self.fleet.web) > number:
                self._leave(youngest(self.fleet))

    def leave(self, name: str) -> None:
        """Let a clone answer its last request, and take it away. No request is lost."""
        with self._changing():
            self._leave(name)

    # --- inside --------------------------------------------------------------------

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        first = next(iter(self.remotes.values()))
        agent.put_agent(first)
        with hold(first, "change of its hosts"):
            self.release = self._release()
            self.archive = read_release(self.releases, self.release)
            yield

    def _release(self) -> str:
        """What the fleet runs. Raises CannotChange if that is not one release."""
        web = [self.remotes[host.name] for host in self.fleet.web]
        on_all(web, agent.put_agent)
        found = {str(s.get("current") or "") for s in on_all(web, agent.state).values()}
        if len(found) != 1 or "" in found:
            raise CannotChange(
                "The hosts do not run one and the same release: deploy one first, or "
                "let the deploy that was interrupted come to its end."
            )
        return found.pop()

    def _clone(self, name: str) -> float:
        if name in self.fleet.hosts:
            raise CannotChange(f"There is a host {name} already.")
        provider = provider_of(self.fleet, self.images, self.archive)
        with_host(self.fleet, name, "192.0.2.1", self.fleet.web[0])  # can it be said?
        if self.dry:
            self.dry(f"# {self.fleet.provider.kind}: create {name}")
            return 0.0
        began = time.monotonic()
        made = provider.create(name)
        self.say(f"{name} answers at {made.address}.")
        try:
            fleet = self._take_in(name, made)
        except BaseException:
            self._undo(name, made, provider)
            raise
        seconds = time.monotonic() - began
        self._becomes(fleet)
        self.say(f"{name} has shoppers after {seconds:.1f} s.")
        return seconds

    def _take_in(self, name: str, made: Made) -> Fleet:
        """From a bare host to one that has shoppers; the fleet with it."""
        fleet = with_host(self.fleet, name, made.address, self.fleet.web[0])
        if made.host_key:
            self._know(made)
        remotes = remotes_of(fleet)
        new = remotes[name]
        self._bring_secrets(new)
        agent.put_agent(new)
        agent.configure(new)
        here = agent.state(new)["releases"]
        if self.release not in here:
            self._bring_release(new, here)
        agent.install(new, self.release)
        agent.switch(new, self.release)
        self.say(f"{name} runs {self.release}.")
        balancers = [remotes[host.name] for host in fleet.balancers]
        on_all(balancers, agent.put_agent)
        register(balancers, fleet.hosts[name], self.release)
        return fleet

    def _bring_secrets(self, new: Remote) -> None:
        """From another host to this one; this machine keeps none of it."""
        path = "shared/environment"
        model = self.remotes[self.fleet.web[0].name]
        secret = model.look("cat", str(model.base / path)).out
        new.run_line(f"umask 077 && mkdir -p {new.base}/shared")
        new.put(secret.encode(), f"{new.base}/{path}")
        new.run("chmod", "600", f"{new.base}/{path}")

    def _bring_release(self, new: Remote, here: list[str]) -> None:
        """From this machine; else it fetches it from the storage, as first boots do."""
        if self.archive is None and not here:
            raise CannotChange(
                f"Release {self.release} is neither in the image nor on this machine."
            )
        if self.archive is None:
            words = ["shelf", "fetch", self.release, "--base", str(new.base)]
            new.run_line(agent.manage_line(new, here[-1], *words))
            return
        incoming = new.base / "incoming"
        new.put(self.archive.path, str(incoming / self.archive.path.name))
        new.put(self.archive.wheels, str(incoming / self.archive.wheels.name))

    def _know(self, made: Made) -> None:
        self._forget_key(made.address)  # of one that was broken off
        if self.fleet.known_hosts:
            path = Path(self.fleet.known_hosts).expanduser()
            with path.open("a") as known:
                known.write(f"{made.address} {made.host_key}\n")

    def _forget_key(self, address: str) -> None:
        path = Path(self.fleet.known_hosts or os.devnull).expanduser()
        if path.is_file():
            lines = path.read_text().splitlines(keepends=True)
            kept = [line for line in lines if not line.startswith(f"{address} ")]
            _write_whole(path, "".join(kept))

    def _undo(self, name: str, made: Made, provider: Provider) -> None:
        """Nothing of it shall stay; what cannot be reached cannot be told."""
        balancers = [self.remotes[host.name] for host in self.fleet.balancers]
        with contextlib.suppress(HostError):
            forget(balancers, name, self.release)
        with contextlib.suppress(NoHosts):
            provider.remove(name)
        self._forget_key(made.address)

    def _leave(self, name: str) -> None:
        host = self.fleet.hosts.get(name)
        if host is None or host.roles != {"web"}:
            raise CannotChange(
                f"{name} is no clone that may leave: it has other roles too, or there "
                "is no such host."
            )
        provider = provider_of(self.fleet, self.images, self.archive)
        fleet = without_host(self.fleet, name)
        balancers = [self.remotes[each.name] for each in self.fleet.balancers]
        _, away = outcomes([self.remotes[name]], lambda r: r.look("true"))
        if not away:
            drain_clone(self.remotes[name], Balancers(balancers))
            self.say(f"{name} has answered its last request.")
        remotes = remotes_of(fleet, self.dry)
        on_all([remotes[b.name] for b in balancers], agent.put_agent)
        forget([remotes[b.name] for b in balancers], name, self.release)
        if self.dry:
            return
        self.remotes[name].close()
        provider.remove(name)
        self._forget_key(host.address)
        self._becomes(fleet)
        self.say(f"{name} has left.")

    def _becomes(self, fleet: Fleet) -> None:
        """Write the fleet file, and tell the other hosts: each knows the fleet."""
        _write_whole(self.file, fleet.text)
        self.fleet = fleet
        self.remotes = remotes_of(self.fleet)
        on_all(self.remotes.values(), agent.put_agent)
        outcomes(self.remotes.values(), agent.configure)


def next_name(fleet: Fleet) -> str:
    """The first free one in the row: app1, app2, ... as the fleet's own are called."""
    stem = fleet.web[0].name.rstrip("0123456789") or "clone"
    numbers = range(1, len(fleet.hosts) + 2)
    return next(n for i in numbers if (n := f"{stem}{i}") not in fleet.hosts)


def youngest(fleet: Fleet) -> str:
    """The last one in the file that does nothing but answer shoppers."""
    found = [host.name for host in fleet.web if host.roles == {"web"}]
    if not found:
        raise CannotChange("Every clone has other work to do as well: none may leave.")
    return found[-1]


def _write_whole(path: Path, text: str) -> None:
    """Whoever reads it meanwhile finds the former or the new one; mode kept."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text)
    shutil.copymode(path, draft)
    draft.replace(path)
