"""What an index is there for, seen with it and without, as PostgreSQL tells."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection

from shop.models import Category
from shop.shelves import part_of_shelf
from tests.shop.size.plans import rows_read
from tests.shop.size.test_plans import statements_of
from tests.shop.staffing import client_of, make_staff

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.slow,
    pytest.mark.skipif(
        "connection.vendor != 'postgresql'", reason="EXPLAIN is PostgreSQL's here"
    ),
]


@pytest.fixture(scope="module")
def owner(large_shop):
    return client_of(make_staff("owner"))


@pytest.fixture(params=["expired", "not_collected"])
def orders_in_a_state(request, owner):
    """Of thousands there are few in such a state."""
    page = f"/admin/shop/order/?days=all&state__exact={request.param}"
    return lambda: most_rows(lambda: owner.get(page), "shop_order")


@pytest.fixture
def front_of_a_shelf(large_shop):
    """Twenty of some hundreds of products."""
    category = Category.objects.get(slug="breads").pk
    return lambda: most_rows(
        lambda: list(part_of_shelf(category, first=20)), "shop_product"
    )


@pytest.fixture
def products_by_name(owner):
    """A page of fifty of two thousand."""
    return lambda: most_rows(
        lambda: owner.get("/admin/shop/product/?o=1"), "shop_product", "ORDER BY"
    )


def most_rows(ask: Callable[[], object], table: str, words: str = "") -> int:
    """The most rows of the table that one of the statements, with the words, reads."""
    asked = [sql for sql in statements_of(ask) if words in sql]
    of_table = [sql for sql in asked if f'FROM "{table}"' in sql]
    assert of_table
    return max(rows_read(sql, table) for sql in of_table)


def drop(index: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {index}")


def test_orders_in_a_state_are_read_and_no_others(orders_in_a_state):
    assert orders_in_a_state() <= 500


def test_without_its_index_other_orders_are_read_too(orders_in_a_state):
    drop("order_by_state_and_day")
    assert orders_in_a_state() > 5_000


def test_the_front_of_a_shelf_is_read_and_no_more(front_of_a_shelf):
    assert front_of_a_shelf() <= 21


def test_without_its_index_the_whole_shelf_is_read(front_of_a_shelf):
    drop("product_shelf")
    assert front_of_a_shelf() > 300


def test_products_by_name_are_read_as_far_as_they_are_shown(products_by_name):
    assert products_by_name() <= 51


def test_without_its_index_every_product_is_put_into_order(products_by_name):
    drop("product_by_name")
    assert products_by_name() > 1_500
