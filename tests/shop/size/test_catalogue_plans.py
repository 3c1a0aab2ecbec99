"""A page looks for its few products and limits by an index, among however many."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.db.models import Q
from django.test import Client

from shop import shelves
from shop.models import Product
from tests.shop.make import day_from_today
from tests.shop.size.plans import rows_read
from tests.shop.size.test_plans import statements_of

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.slow,
    pytest.mark.skipif(
        "connection.vendor != 'postgresql'", reason="EXPLAIN is PostgreSQL's here"
    ),
]

PAGES = (
    *("/", "/category/breads/", "/category/breads/?p=2", "/product/{slug}/"),
    *("/category/breads/?vegan=1", "/category/breads/?can=1", "/search/"),
    *("/search/?q=without+nuts", "/sitemap.xml?p=2", "/allergens/", "/allergens/?p=2"),
)
TRIPLES = "shop_searchgram"
TABLES = ("shop_product", "shop_variant", "shop_resourceuse")
# Of two thousand products; a second page passes by what is on the first one, and what
# belongs to a product is read for several columns.
FEW = 1_200


@pytest.fixture
def far_more(large_shop):
    """With two thousand products reading all is often as quick, so it costs more."""
    planner(enable_seqscan="off")


def planner(**settings):
    """Until the end of the test, which is rolled back."""
    with connection.cursor() as cursor:
        for name, value in settings.items():
            cursor.execute(f"SET LOCAL {name} = {value}")


def most_read(address):
    """The most rows of a table that a statement of the page reads, when all that is
    remembered of the catalogue is at hand."""
    client = Client()
    sign = "&" if "?" in address else "?"
    first, second = (f"{address}{sign}day={day_from_today(n)}" for n in (2, 3))
    assert client.get(first).status_code == 200
    asked = statements_of(lambda: client.get(second))
    assert len(asked) > 1
    # What is prepared, the limits among it, reads none of these tables.
    reads = [sql for sql in asked if sql.startswith("SELECT")]
    return max(rows_read(sql, table) for sql in reads for table in TABLES)


@pytest.mark.parametrize("address", PAGES)
def test_a_page_reads_few_products(far_more, address):
    assert most_read(address.format(slug=Product.objects.latest("pk").slug)) <= FEW


def _either(parts):
    found = Q()
    for part in parts:
        found |= Q(pk__in=part)
    return found


@pytest.mark.parametrize("address", ["/", "/product/{slug}/"])
def test_beside_an_or_every_product_is_read(far_more, monkeypatch, address):
    monkeypatch.setattr("shop.catalogue.any_of", _either)
    assert most_read(address.format(slug=Product.objects.latest("pk").slug)) > 1_900


def test_across_shelves_few_products_are_read(far_more, monkeypatch):
    """Where one shelf ends and the next begins."""
    end = shelves.shelves()[0].count - 20

    def read():
        [sql] = statements_of(
            lambda: list(Product.objects.filter(shelves.part_of_shop(40, end)))
        )[1:]
        return rows_read(sql, "shop_product")

    assert read() <= FEW + end
    monkeypatch.setattr(shelves, "any_of", _either)
    assert read() > 2_000


def test_an_index_holds_all_that_search_asks_of_triples():
    """By it alone search adds them up. Whether it does is no matter of a plan here:
    rows just made are looked up in the table in any case."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexdef FROM pg_indexes WHERE tablename = %s", [TRIPLES]
        )
        held = [set(re.findall(r"\w+", each.split("(", 1)[1])) for (each,) in cursor]
    assert any({"gram", "product_id", "weight"} <= columns for columns in held)


def drop(what, of=""):
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {of} DROP {what}" if of else f"DROP {what}")
