"""manage.py open_days"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from shop.opening import DAYS, OpenedDays, open_days

MOST_DAYS = 366


class Command(BaseCommand):
    help = (
        "Opens the next bake days for orders: each day a place is open, with its "
        "cut-off, its pick-up slots, and the limits of products, resources and slots. "
        "Only what is missing is made; nothing that staff have changed is touched, so "
        "run it as often as you like and on any server. It names orders that lie at "
        "times which have been closed since: ring those customers. Exit 0: done, also "
        "with such notes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--days",
            type=int,
            default=DAYS,
            help=f"how many dates, today's being the first (default: {DAYS})",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="say what is missing, make nothing"
        )
        parser.add_argument("--json", action="store_true", help="one JSON document")

    def handle(self, *, days: int, dry_run: bool, **options: Any) -> None:
        if not 1 <= days <= MOST_DAYS:
            raise CommandError(f"--days takes 1 to {MOST_DAYS}.")
        opened = open_days(days=days, dry_run=dry_run)
        if options["json"]:
            self.stdout.write(json.dumps(asdict(opened) | {"dry_run": dry_run}))
            return
        for note in opened.notes:
            self.stderr.write(note)
        self.stdout.write(_line(opened, dry_run))


def _line(opened: OpenedDays, dry_run: bool) -> str:
    verb = "Would open" if dry_run else "Opened"
    return (
        f"{verb} {opened.bake_days} bake days, {opened.slots} slots, "
        f"{opened.limits} limits."
    )
