"""Lets the host run another release, or go back to the one it ran.

Each step is safe to repeat: who switches again after any interruption gets there.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from bakery.host import switching
from bakery.host.codes import DONE, NOTHING_SERVES, WENT_BACK, HostError
from bakery.host.keeping import served_id, wanted_id
from bakery.host.layout import Layout
from bakery.host.serving import Patience, Say
from bakery.host.together import Services

BACK_SECONDS = 60  # for the former release to become ready again, at least


@dataclass
class Switch:
    """One change of release on this host. Call it as often as you like."""

    layout: Layout
    say: Say
    patience: Patience = field(default_factory=Patience)
    stay_drained: bool = False

    def to(self, name: str, token: str | None = None) -> int:
        """The exit status: DONE, WENT_BACK or NOTHING_SERVES.

        With a token that an earlier switch had, it is the status of that one.
        """
        self._demand_whole(name)
        with switching.switching(self.layout):
            code = switching.ended_with(self.layout, token) if token else None
            if code is not None:
                self.say(step="has ended before", release=name, code=code)
                return code
            code = self._to(name)
            if token:
                switching.keep_end(self.layout, token, code)
            return code

    def _demand_whole(self, name: str) -> None:
        self.layout.facts(name)
        if not self._has_environment(name):
            raise HostError(f"Release {name} has no environment here. Install it.")

    def _has_environment(self, name: str) -> bool:
        return self.layout.release(name).joinpath(".venv/bin/python").exists()

    def _to(self, name: str) -> int:
        self._read_host()
        if self._serves(name):
            self.say(step="serves already", release=name)
            switching.end(self.layout)
            return DONE
        switching.remember_the_way_back(self.layout, name)
        self.before = switching.begin(self.layout)
        code = DONE if self._changed(name, back=False) else self._back(name)
        if code != NOTHING_SERVES:
            switching.end(self.layout)
        return code

    def _read_host(self) -> None:
        self.services = Services(self.layout, self.say, self.patience)

    def _serves(self, name: str) -> bool:
        """By the files of now, too: who has changed them wants a new start."""
        if self.layout.named_by(self.layout.current) != name:
            return False
        if served_id(self.layout) != wanted_id(self.layout):
            return False
        if not self.services.are_of(name):
            return False
        return self.services.let_customers_in(name, self.stay_drained)

    def _changed(self, name: str, *, back: bool) -> bool:
        """Whatever goes wrong in the midst of it is no reason to stay there."""
        try:
            return self._change(name, back=back)
        except (HostError, OSError) as error:
            self.say(step="broken off", error=str(error))
            return False

    def _change(self, name: str, *, back: bool) -> bool:
        """Stop, rename, start, wait: does the release serve now?"""
        if back:
            self._stop_for_the_way_back(name)
            switching.take_former_host(self.layout)
        else:
            # What the host is to lose goes on serving until `retire`.
            self.services.stop(self.layout.next_host_facts()["ROLES"].split(","))
            switching.take_next_host(self.layout)
        self._read_host()
        self._point(name)
        self.services.start()
        return self.services.are_up(name, stay_drained=self.stay_drained)

    def _stop_for_the_way_back(self, former: str) -> None:
        """Unless the host names nothing else yet: then what runs may go on."""
        moved = self.layout.named_by(self.layout.current) != former
        if moved or switching.host_has_changed(self.layout):
            self.services.stop()

    def _point(self, name: str) -> None:
        """First `previous`: who is killed between the two finds both as they were."""
        layout = self.layout
        previous = self.before.previous_beside(name)
        if previous != layout.named_by(layout.previous):
            layout.point(layout.previous, previous)
        if name != layout.named_by(layout.current):
            layout.point(layout.current, name)
        os.utime(layout.release(name))
        self.say(step="current", release=name)

    def _back(self, name: str) -> int:
        former = self._served_before(name)
        if former:
            self.say(step="going back", release=former)
            self.stay_drained = False
            self.patience.ready = max(self.patience.ready, BACK_SECONDS)
            if self._changed(former, back=True):
                self.say(step="went back", release=former)
                return WENT_BACK
        else:
            self.services.stop()
        self.say(step="nothing serves", release=former or name)
        return NOTHING_SERVES

    def _served_before(self, name: str) -> str:
        """Where to go back to: the release itself, if only its host file is new."""
        before = self.before
        if before.current not in ("", name):
            return before.current
        if before.current and switching.host_has_changed(self.layout):
            return name
        earlier = before.previous
        return earlier if earlier and self._has_environment(earlier) else ""
