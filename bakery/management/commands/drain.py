"""manage.py drain"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bakery.deploy import agent
from bakery.deploy.balancers import Balancers
from bakery.deploy.commanding import (
    FAILED,
    WRONG_USAGE,
    add_change,
    commands_teller,
    fleet_in,
    in_words,
    remote_called,
)
from bakery.deploy.connection import Remote, remotes_of
from bakery.deploy.lock import hold
from bakery.deploy.one_clone import TheLast, demand_another, drain_clone
from bakery.deploy.together import outcomes

CODES = (
    "2: wrong usage, or the fleet file is wrong. 4: the host, or the first one, which "
    "keeps the lock, does not answer. 5: somebody else is changing this fleet."
)


class Command(BaseCommand):
    help = (
        "Sends no new customer to a clone, and returns when it has answered its last "
        "request: then it may be looked into, or stopped. `ready` ends it, and so does "
        "a deploy. Exit 0: done. 1: it still works on something, or is the last one "
        f"that takes customers. {CODES}"
    )
    requires_system_checks: list[str] = []
    done = "drained"
    do = staticmethod(drain_clone)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("clone", metavar="CLONE", help="its name in the fleet file")
        add_change(parser)
        parser.add_argument(
            "--even-the-last",
            action="store_true",
            help="though no other clone takes customers: the shop is away then",
        )

    def handle(self, *, clone: str, file: Path, **options: Any) -> None:
        fleet = fleet_in(file)
        remotes = remotes_of(fleet, commands_teller(self, options))
        remote = remote_called(remotes, clone)
        if "web" not in remote.host.roles:
            told = f"{clone} answers no customers: it has not the role web."
            raise CommandError(told, returncode=WRONG_USAGE)
        first = next(iter(remotes.values()))
        with in_words():
            agent.put_agent(first)
            with hold(first, f"{clone} to be {self.done}"):
                self.demand(remotes, clone, options)
                self._do(remote, [remotes[host.name] for host in fleet.balancers])
        if options["json"]:
            self.stdout.write(json.dumps({"clone": clone, "is": self.done}))
        elif not options["dry_run"]:
            self.stdout.write(f"{clone} is {self.done}.")

    def demand(
        self, remotes: dict[str, Remote], clone: str, options: dict[str, Any]
    ) -> None:
        """What has to hold before. Raises CommandError."""
        if options["even_the_last"]:
            return
        try:
            demand_another(remotes, clone)
        except TheLast as error:
            raise CommandError(str(error), returncode=FAILED) from error

    def _do(self, remote: Remote, balancers: list[Remote]) -> None:
        _, away = outcomes(balancers, lambda each: each.look("true"))
        here = [each for each in balancers if each.name not in away]
        self.do(remote, Balancers(here))
        for error in away.values():
            self.stderr.write(f"not told: {error}")
