"""manage.py bake_sheet: what the bakers make on one day."""

from __future__ import annotations

import argparse
import datetime
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console

from shop.bakesheet import bake_sheet, next_bake_date
from shop.bakesheet_words import as_facts, as_tables
from shop.dates import DateConverter
from shop.recipes import RecipeCycle

HELP = """\
Prints what the bakers make on one day: pieces and trays per product, doughs and
ingredients to the gram, pre-doughs to prepare for the days after, special requests.

  manage.py bake_sheet                 the next bake day
  manage.py bake_sheet tomorrow
  manage.py bake_sheet 2026-11-24
  manage.py bake_sheet --json          for programs: one document, weights in grams

Only live orders count: not cancelled, not expired, not waiting for payment. The page
/staff/bake-sheet/ shows the same and prints on A4.

Exit status: 0 printed, 1 a recipe is made of itself, 2 no such day."""


class Command(BaseCommand):
    help = HELP

    def create_parser(self, *args: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        return super().create_parser(*args, **kwargs)

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "date",
            nargs="?",
            metavar="DATE",
            help="today, tomorrow or a date such as 2026-11-24; the next bake day "
            "if left out",
        )
        parser.add_argument("--json", action="store_true", help="print one document")

    def handle(self, *, date: str | None, json: bool, **options: Any) -> None:
        try:
            sheet = bake_sheet(_read_date(date))
        except RecipeCycle as cycle:
            raise CommandError(
                f"{cycle} Take one of its lines out at /admin/shop/recipe/, then the "
                "weights can be worked out."
            ) from cycle
        if json:
            self.stdout.write(_document(as_facts(sheet)))
        else:
            Console(file=self.stdout).print(as_tables(sheet))


def _document(facts: dict[str, Any]) -> str:
    return json.dumps(facts, indent=2, ensure_ascii=False)


def _read_date(text: str | None) -> datetime.date:
    today = timezone.localdate()
    if text is None:
        return next_bake_date(today)
    named = {"today": today, "tomorrow": today + datetime.timedelta(days=1)}
    date = named.get(text) or DateConverter().read(text)
    if date is None:
        raise CommandError(
            f"{text!r} is no day. Write today, tomorrow or a date such as 2026-11-24.",
            returncode=2,
        )
    return date
