"""A new clone from the image to its first shopper, and a clone that leaves.

Both under the fleet's lock, so that no deploy goes on meanwhile. The fleet file names a
clone before shoppers get there: whoever is killed in between leaves none behind of
which no file tells.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import replace

from bakery.deploy import agent
from bakery.deploy.balancers import Balancers
from bakery.deploy.connection import HostError, Remote, remotes_of
from bakery.deploy.fleet_file import Fleet
from bakery.deploy.one_clone import drain_clone, ready_clone
from bakery.deploy.signals import ignore_signals
from bakery.image.folders import NotOurs
from bakery.image.rootfs import ImageError
from bakery.instances.changing import FleetChange
from bakery.instances.choosing import CannotChange, next_name, who_leaves
from bakery.instances.fleet_text import with_host, without_host
from bakery.instances.known_hosts import forget_key, remember
from bakery.instances.network import NoHosts
from bakery.instances.newcomer import bring_secrets, warm_up
from bakery.instances.providers import Made, Provider, provider_of
from bakery.instances.registering import forget, register
from bakery.instances.stopping import to_the_end

# What a provider raises that has made nothing, or has taken it away itself.
NOT_MADE = (NoHosts, ImageError, NotOurs)


class Growth(FleetChange):
    """A fleet that is to have more or fewer clones. Every change is a whole one."""

    # --- more ----------------------------------------------------------------------

    def clone(self, name: str) -> float:
        """Let there be a web host of this name; seconds until shoppers get there.

        When it fails, or is told to stop, it is taken away again. Raises CannotChange,
        NoHosts, LockTaken, LockLost, EditByHand, FleetFileError, HostError, ImageError
        and Stopped.
        """
        with self._changing():
            return self._clone(name)

    def scale(self, number: int) -> None:
        """Have so many web hosts: new ones one after the other; dead ones leave first.

        Raises what clone() and leave() raise; what was done until then stays done.
        """
        if number < 1:
            raise CannotChange("A fleet needs at least one clone.")
        with self._changing():
            while len(self.fleet.web) < number:
                self._clone(next_name(self.fleet))
            while len(self.fleet.web) > number:
                self._leave(who_leaves(self.fleet, self.seen.away))

    def leave(self, name: str) -> None:
        """Let a clone answer its last request, and take it away. No request is lost."""
        with self._changing():
            self._leave(name)

    # --- inside --------------------------------------------------------------------

    def _clone(self, name: str) -> float:
        if name in self.fleet.hosts:
            raise CannotChange(f"There is a host {name} already.")
        provider = provider_of(self.fleet, self.images, self.archive)
        # Can it be said? Of an address that is nobody's.
        nobodys = f"192.0.2.{len(self.fleet.hosts)}"
        grown = with_host(self.fleet, name, nobodys, self.fleet.web[0])
        if self.dry:
            self.dry(f"# {self.fleet.provider.kind}: create {name}")
            self.fleet = grown
            return 0.0
        self.held.demand()
        former, began, made = self.fleet, time.monotonic(), None
        try:
            made = provider.create(name)
            self.say(f"{name} answers at {made.address}.")
            if made.reminder:
                self.warn(made.reminder)
            self._take_in(name, made)
        except BaseException as error:
            ignore_signals()
            if made or not isinstance(error, NOT_MADE):
                self._undo(name, made, provider, former)
            raise
        seconds = time.monotonic() - began
        self.say(f"{name} has shoppers after {seconds:.1f} s.")
        with to_the_end():
            self._tell_others()
        return seconds

    def _take_in(self, name: str, made: Made) -> None:
        """From a bare host to one that has shoppers; the fleet with it."""
        fleet = with_host(self.fleet, name, made.address, self.fleet.web[0])
        if made.host_key:
            remember(fleet, fleet.hosts[name], made.host_key)
        with contextlib.closing(remotes_of(fleet)[name]) as new:
            self._make_ready(new)
        self.say(f"{name} runs {self.release}, and is warm.")
        self.held.demand()
        self._becomes(fleet)
        register(self._balancers(), fleet.hosts[name], self.release)

    def _make_ready(self, new: Remote) -> None:
        model = self.remotes[self.seen.one_of([host.name for host in self.fleet.web])]
        bring_secrets(new, model)
        agent.put_agent(new)
        agent.configure(new)
        here = agent.state(new)["releases"]
        if self.release not in here:
            self._bring_release(new, here)
        agent.install(new, self.release)
        agent.switch(new, self.release)
        warm_up(new, self.release)

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

    def _undo(
        self, name: str, made: Made | None, provider: Provider, former: Fleet
    ) -> None:
        """Nothing of it shall stay; what does is told."""
        self._becomes(former)
        try:
            forget(self._balancers(), name, self.release)
        except HostError as error:
            self.warn(f"{name} may still be at a balancer; `deploy` mends it: {error}")
        self._remove(name, provider)
        if made:
            gone = replace(former.web[0], name=name, address=made.address)
            forget_key(former, gone)

    def _leave(self, name: str) -> None:
        host = self.fleet.hosts.get(name)
        if host is None or host.roles != {"web"}:
            raise CannotChange(
                f"{name} is no clone that may leave: it has other roles too, or there "
                "is no such host."
            )
        provider = provider_of(self.fleet, self.images, self.archive)
        fleet = without_host(self.fleet, name)
        self.held.demand()
        if name not in self.seen.away:
            self._drain(self.remotes[name])
            self.say(f"{name} has answered its last request.")
        left = remotes_of(fleet, self.dry)
        forget([left[each.name] for each in fleet.balancers], name, self.release)
        if self.dry:
            self.dry(f"# {self.fleet.provider.kind}: remove {name}")
            self.fleet = fleet  # so that the next one to leave is told too
            return
        with to_the_end():  # a machine that no file names would stay for ever
            self._becomes(fleet)
            self._remove(name, provider)
            forget_key(fleet, host)
            self._tell_others()
            self.say(f"{name} has left.")

    def _drain(self, clone: Remote) -> None:
        """Whoever is told to stop meanwhile leaves it with its shoppers."""
        balancers = Balancers(self._balancers())
        try:
            drain_clone(clone, balancers)
        except BaseException:
            ignore_signals()
            with contextlib.suppress(HostError):
                ready_clone(clone, balancers)
            raise
