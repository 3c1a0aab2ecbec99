"""The fleet while its hosts change: its lock, its file, and what all of them know."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bakery.deploy import agent
from bakery.deploy.connection import Remote, Tell, remotes_of
from bakery.deploy.fleet_file import Fleet, read_fleet
from bakery.deploy.lock import hold
from bakery.deploy.signals import stopped_by_signals
from bakery.deploy.together import outcomes
from bakery.host.disk import write_whole
from bakery.instances.choosing import look_at
from bakery.instances.network import NoHosts
from bakery.instances.providers import Provider
from bakery.release.store import Release, read_release

Say = Callable[[str], object]


@dataclass
class FleetChange:
    """What every change of a fleet's hosts needs."""

    file: Path
    images: Path  # where images are kept
    releases: Path  # where releases are kept
    say: Say = lambda words: None
    dry: Tell | None = None
    warn: Say = lambda words: None  # of what was left undone

    def __post_init__(self) -> None:
        self.fleet = read_fleet(self.file)
        self.remotes = remotes_of(self.fleet, self.dry)
        self.release = ""
        self.archive: Release | None = None

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        first = next(iter(self.remotes.values()))
        with stopped_by_signals():
            agent.put_agent(first)
            with hold(first, "change of its hosts") as self.held:
                self.seen = look_at(self.fleet, self.remotes)
                self.release = self.seen.release
                self.archive = read_release(self.releases, self.release)
                yield

    def _remove(self, name: str, provider: Provider) -> None:
        try:
            provider.remove(name)
        except NoHosts as error:
            self.warn(f"{name} may still run: take it away yourself. {error}")

    def _balancers(self) -> list[Remote]:
        return [self.remotes[host.name] for host in self.fleet.balancers]

    def _becomes(self, fleet: Fleet) -> None:
        """Write the fleet file: from now on this is the fleet. Repeatable."""
        path = self.file.resolve()
        write_whole(path, fleet.text, path.stat().st_mode & 0o777)
        for remote in self.remotes.values():
            remote.close()
        self.fleet = fleet
        self.remotes = remotes_of(self.fleet)

    def _tell_others(self) -> None:
        """Each host knows the fleet; a deploy tells those that cannot be told now."""

        def tell(remote: Remote) -> None:
            agent.put_agent(remote)
            agent.configure(remote)

        there = [r for r in self.remotes.values() if r.name not in self.seen.away]
        errors = outcomes(there, tell)[1]
        for error in [*errors.values(), *self.seen.away.values()]:
            if error.host in self.fleet.hosts:
                self.warn(f"not told of the change (`deploy` does): {error}")
