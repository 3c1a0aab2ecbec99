"""A shop with some history, made once for all that only look at it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from django.db import connection, transaction

from shop.demo.catalogue import make_products
from shop.demo.counter import make_place
from shop.demo.many_orders import make_many_orders
from shop.demo.many_products import make_many_products
from shop.demo.store_room import make_recipes
from shop.labels import refresh_labels
from shop.opening import open_days
from shop.search import index_products
from tests.shop.make import day_from_today

ORDERS, PRODUCTS, BACK = 8_000, 2_000, 730


@pytest.fixture(scope="module")
def large_shop(django_db_setup, django_db_blocker):
    """Thousands of orders over two years, and of products, and the planner knows."""
    today = day_from_today(0)
    with django_db_blocker.unblock():
        tidy_up()
        yield from filled(today)


def filled(today: dt.date) -> Iterator[dt.date]:
    with transaction.atomic():
        make_recipes()
        make_products()
        refresh_labels()
        index_products()
        make_place(today)
        make_many_products(PRODUCTS)
        open_days(today, 14)
        make_many_orders(ORDERS, today, back=BACK)
        # First, or each row is held against a table that is taken to be empty, and read
        # from end to end.
        analyze()
        # Once and for all: a test would do it again, and roll back that it is done.
        connection.check_constraints()
        yield today
        transaction.set_rollback(True)


def tidy_up() -> None:
    """Plans hang on how large tables and indexes are, and what tests have rolled back
    is still in them."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM FULL {_tables()}")


def analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {_tables()}")


def _tables() -> str:
    """The shop's alone: others are shared with the databases of other tests."""
    return ", ".join(f'"{name}"' for name in connection.introspection.table_names())
