"""manage.py prepare"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError

from bakery.assets import gather_static_files, keep_assets
from bakery.migrating import StillLocked
from shop.opening import open_days


class Command(BaseCommand):
    help = (
        "Makes a shop ready to serve: gathers the static files and puts them where "
        "servers with other releases find them, brings the database to this release "
        "and opens the coming bake days. Safe to repeat, also on several servers at "
        "once: what is there already stays as it is. In a fleet the demo bakery's "
        "log-ins get passwords of their own, which it prints once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--demo",
            action="store_true",
            help="fill the shop with the demo bakery: products, calendar, staff",
        )
        parser.add_argument(
            "--no-pictures",
            action="store_true",
            help="leave the demo bakery's pictures out, which is faster",
        )

    def handle(self, *, demo: bool, no_pictures: bool, **options: Any) -> None:
        self.stdout.write(f"Preparing the shop in {settings.VAR_DIR} ...")
        gather_static_files()
        self._keep_assets()
        call_command("safemigrate", stdout=self.stdout, stderr=self.stderr)
        if demo:
            call_command(
                "demo",
                no_pictures=no_pictures,
                # The published password is for a machine that nobody else reaches.
                own_passwords=bool(settings.FLEET),
                stdout=self.stdout,
                stderr=self.stderr,
            )
        open_days()

    def _keep_assets(self) -> None:
        try:
            keep_assets(self.stdout.write)
        except StillLocked as error:
            raise CommandError(str(error)) from error
        except (OSError, OperationalError) as error:
            raise CommandError(
                "The static files cannot be put where all servers find them: "
                f"{error}\nNothing was changed. `doctor` says what does not answer."
            ) from error
