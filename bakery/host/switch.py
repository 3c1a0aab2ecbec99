"""Lets the host run another release, or go back to the one it ran.

Each step is safe to repeat: who switches again after any interruption gets there.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bakery.host.codes import DONE, FAILED, NOTHING_SERVES, WENT_BACK, HostError
from bakery.host.layout import Layout
from bakery.host.services import supervisor
from bakery.host.serving import WebServer

Say = Callable[..., object]
BACK_SECONDS = 60  # for the former release to become ready again, at least
STEADY_SECONDS = 2.0  # a worker that lives so long has started


@dataclass
class Patience:
    """Seconds for each step."""

    settle: float = 1.5  # until balancers have noticed a drain
    drain: float = 30  # until the last request is answered
    ready: float = 60  # until the new release is ready


@dataclass
class Switch:
    """One change of release on this host. Call it as often as you like."""

    layout: Layout
    say: Say
    patience: Patience = field(default_factory=Patience)
    stay_drained: bool = False

    def __post_init__(self) -> None:
        facts = self.layout.host_facts()
        self.roles = facts["ROLES"].split(",")
        self.web = WebServer(self.layout, facts) if "web" in self.roles else None
        user = self.layout.base.owner()
        self.services = supervisor(facts["SUPERVISOR"], self.layout, user)

    def to(self, name: str) -> int:
        """The exit status: DONE, WENT_BACK or NOTHING_SERVES."""
        self._demand_whole(name)
        with switching(self.layout):
            former = self.layout.named_by(self.layout.current)
            if former == name and self._serves(name):
                self.say(step="serves already", release=name)
                return DONE
            if self._change(name):
                self._remember(former, name)
                return DONE
            return self._back(former, name)

    def _demand_whole(self, name: str) -> None:
        self.layout.facts(name)
        if not self.layout.release(name).joinpath(".venv/bin/python").exists():
            raise HostError(f"Release {name} has no environment here. Install it.")

    def _serves(self, name: str) -> bool:
        if not all(self.services.process(role) for role in self.roles):
            return False
        if self.web is None:
            return True
        if self.web.ask("/up").release != name:
            return False
        return self._let_customers_in(name)

    def _change(self, name: str) -> bool:
        """Stop, rename, start, wait: does the release serve now?"""
        self._drain()
        for role in self._restarted():
            self.services.stop(role)
            self.say(step="stopped", role=role)
        self.layout.point(self.layout.current, name)
        os.utime(self.layout.release(name))
        self.say(step="current", release=name)
        for role in self.roles:
            self.services.start(role)
            self.say(step="started", role=role)
        return self._web_is_up(name) and self._others_are_up()

    def _drain(self) -> None:
        if self.web is None or not self.services.process("web"):
            return
        self.web.drain(through_a_start=True)
        self.say(step="draining")
        left = self.web.wait_until_idle(self.patience.settle, self.patience.drain)
        self.say(step="drained", requests_left=left)

    def _restarted(self) -> list[str]:
        """A balancer is not stopped: it runs HAProxy, which no release brings."""
        return [role for role in self.roles if role != "balancer"]

    def _web_is_up(self, name: str) -> bool:
        if self.web is None:
            return True
        began = time.monotonic()
        if not self.web.wait_until_it_is(name, self.patience.ready):
            words = self.services.last_words("web")
            self.say(step="not up", release=name, log=words)
            return False
        self.say(step="up", release=name, seconds=round(time.monotonic() - began, 1))
        return self._let_customers_in(name)

    def _let_customers_in(self, name: str) -> bool:
        if self.stay_drained:
            self.say(step="stays drained", release=name)
            return True
        self.web.undrain()
        if self.web.wait_until_ready(name, self.patience.ready):
            self.say(step="ready", release=name)
            return True
        answer = self.web.ask("/ready")
        self.say(step="not ready", release=name, answer=answer.body[:500])
        return False

    def _others_are_up(self) -> bool:
        return all(self._is_steady(role) for role in self.roles if role != "web")

    def _is_steady(self, role: str) -> bool:
        """Does its process live, and go on living?"""
        until = time.monotonic() + self.patience.ready
        while time.monotonic() < until:
            process = self.services.process(role)
            time.sleep(STEADY_SECONDS if process else 0.1)
            if process and self.services.process(role) == process:
                self.say(step="runs", role=role)
                return True
        words = self.services.last_words(role)
        self.say(step="does not run", role=role, log=words)
        return False

    def _back(self, former: str, name: str) -> int:
        if not former or former == name:
            self._stop_all()
            self.say(step="nothing serves", release=name)
            return NOTHING_SERVES
        self.say(step="going back", release=former)
        self.stay_drained = False
        self.patience.ready = max(self.patience.ready, BACK_SECONDS)
        if self._change(former):
            self.say(step="went back", release=former)
            return WENT_BACK
        self.say(step="nothing serves", release=former)
        return NOTHING_SERVES

    def _stop_all(self) -> None:
        for role in self._restarted():
            self.services.stop(role)

    def _remember(self, former: str, name: str) -> None:
        if former and former != name:
            self.layout.point(self.layout.previous, former)


@contextmanager
def switching(layout: Layout) -> Iterator[None]:
    """One at a time; who comes second waits until the first has got to its end."""
    with layout.base.joinpath("switch.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def ready(layout: Layout, say: Say, seconds: float) -> int:
    """Let customers come again. FAILED if the server is not ready in time."""
    web = WebServer(layout, layout.host_facts())
    web.undrain()
    if web.wait_until_ready("", seconds):
        say(step="ready", release=web.ask("/ready").release)
        return DONE
    say(step="not ready", answer=web.ask("/ready").body[:500])
    return FAILED


def drain(layout: Layout, say: Say, patience: Patience) -> int:
    """Send customers elsewhere. FAILED if it still works on something after all."""
    web = WebServer(layout, layout.host_facts())
    web.drain()
    left = web.wait_until_idle(patience.settle, patience.drain)
    say(step="drained" if not left else "still working", requests_left=left)
    return FAILED if left else DONE
