"""manage.py demo"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from shop.demo.counter import give_own_log_ins
from shop.demo.load import DAYS, load_demo
from shop.demo.many_orders import make_many_orders
from shop.demo.many_products import make_many_products
from shop.opening import open_days


class Command(BaseCommand):
    help = (
        "Fills the shop with the demo bakery: 24 products with recipes, labels and "
        "pictures, a counter with two weeks of bake days, orders for the next of them, "
        "and one log-in each for owner, baker and counter (owner@demo.bakery and so "
        "on). Run it again at any time: it makes what is missing and changes nothing "
        "that is there, so what the staff have altered stays. The log-ins have a "
        "published password, unless --own-passwords gives them others; a shop that is "
        "public needs that. With --orders and --products it then goes on until there "
        "are so many, to see how a large shop behaves: three years of orders, straight "
        "into the tables, a million in some minutes on PostgreSQL."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--no-pictures",
            action="store_true",
            help="leave the pictures out: a few seconds faster; drawings take their "
            "place until the command runs without this",
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="say what would be made, pictures and orders apart, and make nothing",
        )

        parser.add_argument(
            "--own-passwords",
            action="store_true",
            help="give the log-ins passwords and second factors made now, and print "
            "them once",
        )

        parser.add_argument(
            "--orders", type=int, metavar="N", help="go on until there are N orders"
        )
        parser.add_argument(
            "--products", type=int, metavar="N", help="go on until there are N products"
        )

    def handle(
        self, *, no_pictures: bool, dry_run: bool, own_passwords: bool, **options: Any
    ) -> None:
        products, orders = options["products"] or 0, options["orders"] or 0
        if (products or orders) and (settings.FLEET or dry_run):
            raise CommandError(
                "--orders and --products are for a shop to try things with: not for a "
                "fleet (FLEET is set), and not with --dry-run."
            )
        if own_passwords and not dry_run:
            for email, (password, key) in give_own_log_ins().items():
                self.stdout.write(
                    f"Log in as {email} password {password} second factor {key}"
                )
        today = timezone.localdate()
        made = _without_log_lines(
            load_demo, today, pictures=not no_pictures, dry_run=dry_run, say=self._say
        )
        if products:
            made["products"] += make_many_products(products, say=self._say)
            open_days(today, DAYS)  # those that are open get the new ones' limits
        if orders:
            made["orders"] += make_many_orders(orders, today, say=self._say)
        facts = ", ".join(f"{count} {name}" for name, count in made.items())
        verb = "Would make" if dry_run else "Made"
        self.stdout.write(f"{verb} {facts}." if facts else "Nothing was missing.")

    def _say(self, words: str) -> None:
        if sys.stderr.isatty():
            self.stderr.write(f"Demo bakery: {words}")


def _without_log_lines(work: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """Do the work; the dozens of orders it places are not worth a line each."""
    logging.disable(logging.INFO)
    try:
        return work(*args, **options)
    finally:
        logging.disable(logging.NOTSET)
