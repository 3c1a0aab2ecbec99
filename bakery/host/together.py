"""All services of a host, as shared/host names them: stopped, started, looked at."""

from __future__ import annotations

import time
from collections.abc import Collection

from bakery.host.keeping import note_what_is_served
from bakery.host.layout import Layout
from bakery.host.services import ROLES, supervisor_of
from bakery.host.serving import Patience, Say, WebServer

STEADY_SECONDS = 2.0  # a worker that lives so long has started


class Services:
    """Of the roles that the host has now. Raises HostError and OSError."""

    def __init__(self, layout: Layout, say: Say, patience: Patience) -> None:
        self.layout, self.say, self.patience = layout, say, patience
        facts = layout.host_facts()
        self.roles = facts["ROLES"].split(",")
        self.web = WebServer(layout, facts) if "web" in self.roles else None
        self.supervisor = supervisor_of(layout, facts)

    def are_of(self, name: str) -> bool:
        """Do they all run, and does the web server run that release?"""
        if not all(self.supervisor.process(role) for role in self.roles):
            return False
        return self.web is None or self.web.ask("/up").release == name

    def stop(self, roles: Collection[str] = ROLES) -> None:
        """Who answers shoppers comes last: a worker takes its time to stop.

        A balancer is not stopped: it runs HAProxy, which no release brings.
        """
        if "work" in roles and "work" in self.roles:
            self._stop_one("work")
        if "web" in roles and self.web is not None:
            self._drain()
            self._stop_one("web")

    def _stop_one(self, role: str) -> None:
        self.supervisor.stop(role)
        self.say(step="stopped", role=role)

    def _drain(self) -> None:
        if not self.supervisor.process("web"):
            return
        self.web.drain(through_a_start=True)
        self.say(step="draining")
        left = self.web.wait_until_idle(self.patience.settle, self.patience.drain)
        self.say(step="drained", requests_left=left)

    def start(self) -> None:
        note_what_is_served(self.layout)
        for role in self.roles:
            self.supervisor.start(role)
            self.say(step="started", role=role)

    def are_up(self, name: str, *, stay_drained: bool) -> bool:
        """Do they come up in time? The web server gets its customers again."""
        web = self._web_is_up(name) and self.let_customers_in(name, stay_drained)
        return web and all(self._is_steady(r) for r in self.roles if r != "web")

    def _web_is_up(self, name: str) -> bool:
        if self.web is None:
            return True
        began = time.monotonic()
        if not self.web.wait_until_it_is(name, self.patience.ready):
            words = self.supervisor.last_words("web")
            self.say(step="not up", release=name, log=words)
            return False
        self.say(step="up", release=name, seconds=round(time.monotonic() - began, 1))
        return True

    def let_customers_in(self, name: str, stay_drained: bool) -> bool:
        if self.web is None:
            return True
        if stay_drained:
            self.say(step="stays drained", release=name)
            return True
        self.web.undrain()
        if self.web.wait_until_ready(name, self.patience.ready):
            self.say(step="ready", release=name)
            return True
        answer = self.web.ask("/ready")
        self.say(step="not ready", release=name, answer=answer.body[:500])
        return False

    def _is_steady(self, role: str) -> bool:
        """Does its process live, and go on living?"""
        until = time.monotonic() + self.patience.ready
        while time.monotonic() < until:
            process = self.supervisor.process(role)
            time.sleep(STEADY_SECONDS if process else 0.1)
            if process and self.supervisor.process(role) == process:
                self.say(step="runs", role=role)
                return True
        words = self.supervisor.last_words(role)
        self.say(step="does not run", role=role, log=words)
        return False
