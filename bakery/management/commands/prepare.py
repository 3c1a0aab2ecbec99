"""manage.py prepare"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from shop.opening import open_days


class Command(BaseCommand):
    help = (
        "Makes a shop ready to serve: brings the database to this release, gathers the "
        "static files and opens the coming bake days. Safe to repeat: what is there "
        "already stays as it is."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--demo",
            action="store_true",
            help="fill the shop with the demo bakery: products, calendar, staff",
        )

    def handle(self, *, demo: bool, **options: Any) -> None:
        self.stdout.write(f"Preparing the shop in {settings.VAR_DIR} ...")
        call_command("migrate", interactive=False, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        if demo:
            call_command("demo", stdout=self.stdout, stderr=self.stderr)
        open_days()
