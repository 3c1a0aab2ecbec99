"""manage.py drain"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from bakery.deploy.balancers import Balancers
from bakery.deploy.commanding import (
    add_change,
    commands_teller,
    fleet_in,
    in_words,
    remote_called,
)
from bakery.deploy.connection import remotes_of
from bakery.deploy.one_clone import drain_clone
from bakery.deploy.together import outcomes


class Command(BaseCommand):
    help = (
        "Sends no new customer to a clone, and returns when it has answered its last "
        "request: then it may be looked into, or stopped. `ready` ends it, and so does "
        "a deploy. Exit 0: done. 1: it still works on something, or says why not. 2: "
        "wrong usage, or the fleet file is wrong. 4: the host does not answer."
    )
    requires_system_checks: list[str] = []
    done = "drained"
    do = staticmethod(drain_clone)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("clone", metavar="CLONE", help="its name in the fleet file")
        add_change(parser)

    def handle(self, *, clone: str, file: Path, **options: Any) -> None:
        fleet = fleet_in(file)
        remotes = remotes_of(fleet, commands_teller(self, options))
        remote = remote_called(remotes, clone)
        balancers = [remotes[host.name] for host in fleet.balancers]
        with in_words():
            _, away = outcomes(balancers, lambda each: each.look("true"))
            here = [each for each in balancers if each.name not in away]
            self.do(remote, Balancers(here))
        for error in away.values():
            self.stderr.write(f"not told: {error}")
        if options["json"]:
            self.stdout.write(json.dumps({"clone": clone, "is": self.done}))
        else:
            self.stdout.write(f"{clone} is {self.done}.")
