"""Fills a shop with the demo bakery. What is there already stays as it is."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable

from django.db import transaction

from shop.demo.catalogue import make_products
from shop.demo.counter import make_place, make_staff
from shop.demo.orders import make_orders
from shop.demo.photographs import make_pictures
from shop.demo.store_room import make_recipes
from shop.labels import refresh_labels
from shop.opening import open_days
from shop.search import index_products

DAYS = 14

Say = Callable[[str], None]


def _quietly(words: str) -> None:
    pass


def load_demo(
    today: datetime.date,
    *,
    pictures: bool = True,
    dry_run: bool = False,
    say: Say = _quietly,
) -> Counter[str]:
    """Make what is missing of the demo bakery, and count what was made, by name.

    Repeatable: rows are found by slug, name or sku and never changed, so whatever the
    staff have altered stays; what belongs to a row (a recipe's lines, a product's
    variants) is made together with it or not at all. Orders are only made in a shop
    that has none. A dry run counts rows, leaves pictures and orders out, and changes
    nothing.
    """
    with transaction.atomic():
        say("catalogue")
        made = make_recipes() + make_products()
        refresh_labels()
        index_products()
        say("counter and staff")
        made += make_place(today) + make_staff()
        say("bake days")
        open_days(today, DAYS)
        transaction.set_rollback(dry_run)
    if dry_run:
        return made
    say("orders")
    made += Counter(orders=make_orders(today))
    if pictures:
        made += Counter(pictures=make_pictures(say))
    return made
