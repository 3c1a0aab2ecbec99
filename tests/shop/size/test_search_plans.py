"""Search adds up letter triples, and looks at few products, among however many."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.models import Sum

from shop.models import Product, SearchGram
from shop.search import CANDIDATES, find, suggest
from shop.search_candidates import best_products
from shop.search_words import grams_of
from tests.shop.size.plans import prefer, rows_read
from tests.shop.size.test_plans import statements_of

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.slow,
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="EXPLAIN is PostgreSQL's here"
    ),
]

NONSENSE = "quarterly report"


def products_read(ask):
    # With so few products reading all of them is often as quick, so it costs more.
    prefer(enable_seqscan="off", enable_hashjoin="off", enable_mergejoin="off")
    [sql] = [each for each in statements_of(ask) if "shop_searchgram" in each]
    return rows_read(sql, "shop_product")


@pytest.mark.parametrize("ask", [find, suggest])
def test_only_the_best_are_looked_at(large_shop, ask):
    assert 0 < products_read(lambda: ask(NONSENSE)) <= 3 * CANDIDATES


def test_joined_with_them_very_many_are_looked_at(large_shop):
    joined = (
        SearchGram.objects.filter(
            gram__in=grams_of(NONSENSE.split()), product__is_listed=True
        )
        .values("product")
        .annotate(score=Sum("weight"))
        .order_by("-score", "product")[:CANDIDATES]
    )
    assert products_read(lambda: list(joined)) > 1_000


def test_the_best_are_the_same_as_by_a_join(large_shop):
    Product.objects.filter(name__contains="rye").update(is_listed=False)
    grams = grams_of(["dark", "rye", "loaf"])
    rows = SearchGram.objects.filter(gram__in=grams, product__is_listed=True)
    scored = rows.values("product").annotate(score=Sum("weight"))
    keys = scored.order_by("-score", "product").values_list("product", flat=True)
    found = Product.objects.filter(pk__in=best_products(grams, CANDIDATES))
    assert set(found.values_list("pk", flat=True)) == set(keys[:CANDIDATES])
