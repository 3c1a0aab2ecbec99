"""manage.py clone"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bakery.deploy.commanding import WRONG_USAGE, add_change, fleet_in
from bakery.instances.commanding import add_places, changing, growth_of


class Command(BaseCommand):
    help = (
        "Adds a web host to a fleet while it sells: the provider in the fleet file "
        "makes it from the image, it gets the fleet's secrets from another host, takes "
        "the release that the fleet runs, and when it is ready the balancers send "
        "shoppers there. It is written into the fleet file and into the balancers' "
        "own. If anything fails it is taken away again. `fleet scale N --file` makes "
        "several, or lets some leave. Exit 0: shoppers get there. 1: it failed, the "
        "fleet is as it was. 2: wrong usage, or the fleet file is wrong. 4: a host "
        "does not answer. 5: somebody else is changing this fleet."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help="what the clone calls itself")
        add_change(parser)
        add_places(parser)

    def handle(self, *, name: str, file: Path, **options: Any) -> None:
        fleet = fleet_in(file)
        if name in fleet.hosts:
            told = f"There is a host {name} already."
            raise CommandError(told, returncode=WRONG_USAGE)
        growth = growth_of(self, file, options, told=sys.stderr.isatty())
        with changing():
            seconds = growth.clone(name)
        if options["dry_run"]:
            return
        host = growth.fleet.hosts[name]
        if options["json"]:
            facts = {"clone": name, "address": host.address, "release": growth.release}
            self.stdout.write(json.dumps(facts | {"seconds": round(seconds, 1)}))
        else:
            self.stdout.write(
                f"{name} at {host.address} has shoppers ({seconds:.1f} s)."
            )
