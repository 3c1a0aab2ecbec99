"""manage.py balancer_config"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from bakery.deploy.commanding import fleet_in
from bakery.fleet.balancer import configuration
from bakery.fleet.deployed import (
    CONFIGURATION,
    SOCKET,
    CertificateMissing,
    balancer_of,
    take_over,
    write_configuration,
)
from bakery.servers.process import DidNotStart


class Command(BaseCommand):
    help = (
        "Writes HAProxy's configuration for a deployed fleet, out of its fleet file. "
        "Run it on the balancer itself: the key that signs basket cookies comes from "
        "SECRET_KEY there. HAProxy checks it before it takes the place of the former "
        "one. `deploy` and `clone` do this by themselves. Exit 0: it is there. 1: "
        "HAProxy refuses it, or did not take it over; the former one is in place. 2: "
        "the fleet file is wrong."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--file", type=Path, required=True, help="the fleet file")
        parser.add_argument(
            "--base",
            type=Path,
            metavar="FOLDER",
            help="where everything lies on this host (default: the fleet file's path)",
        )
        parser.add_argument(
            "--reload",
            action="store_true",
            help="let a running HAProxy take it over, unless it runs this very text; "
            "loses no request",
        )
        parser.add_argument("--dry-run", action="store_true", help="print it only")

    def handle(self, *, file: Path, base: Path | None, **options: Any) -> None:
        fleet = fleet_in(file)
        base = base or Path(fleet.path)
        try:
            text = configuration(balancer_of(fleet, base, settings.SECRET_KEY))
            if options["dry_run"]:
                self.stdout.write(text)
                return
            changed = write_configuration(text, base / CONFIGURATION)
            taken = options["reload"] and take_over(base / CONFIGURATION, base / SOCKET)
        except (CertificateMissing, DidNotStart) as error:
            raise CommandError(str(error)) from error
        state = "taken over" if taken else "written" if changed else "as it was"
        self.stdout.write(f"{base / CONFIGURATION}: {state}.")
