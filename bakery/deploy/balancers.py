"""The balancers of the fleet: HAProxy's runtime interface, spoken to on each of them.

What is said there lasts until HAProxy starts or reloads; then everything is as its
configuration says, and every clone has its whole weight.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bakery.deploy.answers import json_of
from bakery.deploy.connection import HostError, Remote
from bakery.deploy.figures import AtBalancer, of_statistics
from bakery.deploy.together import on_all, outcomes
from bakery.fleet.deployed import SOCKET

SEEN_SECONDS = 15  # until a balancer has noticed that a clone is up
IDLE_SECONDS = 30  # until a clone has finished what it has
POLL_SECONDS = 0.5  # each look starts a Python where shoppers are sent on
# Runs on the balancer: words from the command line, answers as one JSON list.
TELL = """
import json, socket, sys
answers = []
for words in sys.argv[2:]:
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(5)
        s.connect(sys.argv[1])
        s.sendall(words.encode() + b"\\n")
        answers.append(b"".join(iter(lambda: s.recv(65536), b"")).decode().strip())
print(json.dumps(answers))
""".strip()


class NotAtBalancer(HostError):
    """A balancer does not do as it was told."""


@dataclass
class Balancers:
    """All of them at once. Without any in the fleet file nothing is said to nobody."""

    remotes: list[Remote]
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def tell(self, *commands: str) -> None:
        """Commands that change something, on each. Raises Failures."""

        def on_one(remote: Remote) -> None:
            said = remote.run(*_line(remote, commands))
            answers = [] if remote.dry else json_of(remote.name, said)
            wrong = [answer for answer in answers if answer]
            if wrong:
                raise NotAtBalancer(remote.name, f"HAProxy says: {'; '.join(wrong)}")

        on_all(self.remotes, on_one)

    def look(self) -> dict[str, dict[str, AtBalancer]]:
        """What each balancer has counted, by its name. Raises Failures."""
        return on_all(self.remotes, statistics)

    def look_where_possible(self) -> dict[str, dict[str, AtBalancer]]:
        return outcomes(self.remotes, statistics)[0]

    def weigh(self, clone: str, percent: int) -> None:
        """How much of the traffic it gets, of what each other clone gets."""
        self.tell(f"set weight clones/{clone} {percent}%")

    def send_away_from(self, clone: str) -> None:
        """No new request for the clone; returns when none is left, or after a while."""
        if not self.remotes:
            return
        self.weigh(clone, 0)
        self._until(clone, lambda row: row.now == 0, IDLE_SECONDS)

    def send_to(self, clone: str, percent: int = 100) -> None:
        """Returns when every balancer has found the clone up. Raises NotAtBalancer."""
        if not self.remotes:
            return
        self.weigh(clone, percent)
        if not self._until(clone, lambda row: row.is_up, SEEN_SECONDS):
            names = ", ".join(remote.name for remote in self.remotes)
            told = f"{clone} is not up there after {SEEN_SECONDS} s"
            raise NotAtBalancer(names, told)

    def set_right(self, clones: Iterable[str]) -> None:
        """Whole weight again for those whose weight somebody has left changed."""
        for remote in self.remotes:
            try:
                found = statistics(remote)
            except HostError:
                continue  # it does not run: it will begin with whole weights
            left = [
                name for name in clones if name in found and found[name].weight != 100
            ]
            for name in left:
                Balancers([remote]).weigh(name, 100)

    def _until(
        self, clone: str, true: Callable[[AtBalancer], bool], seconds: float
    ) -> bool:
        if any(remote.dry for remote in self.remotes):
            return True
        until = time.monotonic() + seconds
        while not all(true(row) for row in self._rows_of(clone)):
            if time.monotonic() > until:
                return False
            self.sleep(POLL_SECONDS)
        return True

    def _rows_of(self, clone: str) -> list[AtBalancer]:
        """What each balancer says of it. Raises NotAtBalancer if one knows it not."""
        seen = self.look()
        for balancer, rows in seen.items():
            if clone not in rows:
                told = (
                    f"HAProxy knows no {clone} there: it runs with another file than "
                    "the fleet's. `manage.py balancer_config --reload` mends that."
                )
                raise NotAtBalancer(balancer, told)
        return [rows[clone] for rows in seen.values()]


def statistics(remote: Remote) -> dict[str, AtBalancer]:
    """What one balancer has counted. Raises HostError if it does not run.

    Threads that ask at the same time get one answer: a batch of a large fleet does.
    """
    said = remote.look_shared(*_line(remote, ["show stat"]))
    return of_statistics(json_of(remote.name, said)[0])


def _line(remote: Remote, commands: Iterable[str]) -> list[str]:
    return [*remote.python, "-c", TELL, str(remote.base / SOCKET), *commands]
