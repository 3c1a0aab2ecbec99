"""manage.py safemigrate"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError

from bakery.health import missing_migrations
from bakery.migrating import StillLocked, migrate


class Command(BaseCommand):
    help = (
        "Brings the database to this release. Safe to start on many servers at once, "
        "while the shop sells: one migrates and the others wait, then look; statements "
        "that find a table in use give up after two seconds and try again. Servers of "
        "a fleet never migrate by themselves: run this once, before the new release "
        "starts. Exit 0: the database is what this release needs. 1: it is not; the "
        "words say why, and running it again goes on where it stopped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--wait",
            type=float,
            default=600,
            metavar="SECONDS",
            help="how long to wait for another that migrates (default: %(default)s)",
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="list the migrations that are missing and change nothing",
        )

    def handle(self, *, wait: float, dry_run: bool, **options: Any) -> None:
        if dry_run:
            for name in missing_migrations():
                self.stdout.write(name)
            return
        try:
            migrate(self.stderr.write, wait_seconds=wait)
        except StillLocked as error:
            raise CommandError(f"{error} Nothing was changed.") from error
        except OperationalError as error:
            raise CommandError(
                f"The database did not let it happen: {error}"
            ) from error
        missing = missing_migrations()
        if missing:
            raise CommandError(f"Migrations are missing still: {', '.join(missing)}.")
        self.stdout.write("The database is what this release needs.")
