"""Forgets baskets that nobody has changed for a long time."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from basket.backends.base import stores
from basket.exceptions import BasketUnavailable, InvalidBasketStore
from basket.lifetime import UNTOUCHED_FOR

EXPLANATION = """\
A shopper's cookie lives 180 days after the last change, so nobody can come back to a
basket that was left alone for longer. Such baskets go, with their lines. The notes by
which a repeated click is recognised go at the same age, also those of baskets that
stay. Orders are not touched: they hold all they need.

Run it once a day. It is safe while the shop is open, on several servers at once, and
again after it was interrupted.

Examples:
  manage.py sweep_baskets --dry-run      how many baskets would go
  manage.py sweep_baskets                forget them
  manage.py sweep_baskets --days 30      a shorter memory
  manage.py sweep_baskets --json         {"store": ..., "baskets": ..., ...}

Exit status: 0 done, 1 the store did not answer, 2 wrong arguments.
"""


class Command(BaseCommand):
    help = "Forget baskets that nobody has changed for 180 days."

    def create_parser(self, *args: Any, **named: Any) -> ArgumentParser:
        named.update(formatter_class=RawDescriptionHelpFormatter, epilog=EXPLANATION)
        return super().create_parser(*args, **named)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--days",
            type=_days,
            default=UNTOUCHED_FOR.days,
            help="forget what was left alone for so many days (default: %(default)s)",
        )
        parser.add_argument(
            "--store",
            default="default",
            help="which one of BASKET_STORES (default: %(default)s)",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="only count, change nothing"
        )
        parser.add_argument(
            "--json", action="store_true", help="answer in JSON, for scripts"
        )

    def handle(self, **options: Any) -> None:
        try:
            baskets = stores[options["store"]].forget(
                untouched_for=timedelta(days=options["days"]),
                dry_run=options["dry_run"],
            )
        except (BasketUnavailable, InvalidBasketStore) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(_answer(baskets, options))


def _days(word: str) -> int:
    if not word.isdecimal() or not 1 <= int(word) <= 36_500:
        raise ArgumentTypeError("it must be a whole number of days from 1 to 36500")
    return int(word)


def _answer(baskets: int, options: dict[str, Any]) -> str:
    if options["json"]:
        named = {key: options[key] for key in ("store", "days", "dry_run")}
        return json.dumps(named | {"baskets": baskets})
    verb = "would be forgotten" if options["dry_run"] else "forgotten"
    noun = "basket" if baskets == 1 else "baskets"
    return f"{baskets} {noun} untouched for {options['days']} days {verb}."
