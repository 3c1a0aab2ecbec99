"""manage.py reconcile"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from shop.drift import Drift
from shop.reconcile import reconcile


class Command(BaseCommand):
    help = (
        "Works out every limit, order and payment anew and names each number that does "
        "not agree: units taken from a limit (the sum of what holds and orders have "
        "drawn), what orders and holds have drawn (what their lines and slot need), "
        "totals and taxes of orders (the sum of their lines), payments (the total of "
        "their order, the money that has come). With --fix the limits, and what orders "
        "draw from them, are put right where there is room; holds expire by "
        "themselves, and money is for you to look into. Safe while the shop sells. "
        "Exit 0: everything agrees, or does now. 1: something does not."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--fix", action="store_true", help="put limits right where there is room"
        )
        parser.add_argument("--json", action="store_true", help="one JSON document")

    def handle(self, *, fix: bool, **options: Any) -> None:
        found = reconcile(fix=fix)
        left = [each for each in found if not each.fixed]
        if options["json"]:
            facts = {"clean": not left, "drift": [asdict(each) for each in found]}
            self.stdout.write(json.dumps(facts))
        else:
            for each in found:
                self.stdout.write(_line(each))
        summary = _summary(found, left)
        if left:
            raise CommandError(summary)
        if not options["json"]:
            self.stdout.write(summary)


def _line(each: Drift) -> str:
    fixed = " (fixed)" if each.fixed else ""
    return f"{each.kind}: {each.what}: is {each.stored}, should be {each.actual}{fixed}"


def _summary(found: list[Drift], left: list[Drift]) -> str:
    if not found:
        return "Everything agrees."
    fixed = len(found) - len(left)
    numbers = "1 number" if len(found) == 1 else f"{len(found)} numbers"
    return f"{numbers} did not agree; {fixed} fixed, {len(left)} left."
