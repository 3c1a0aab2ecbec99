"""Finding things: the search page and the table of allergens."""

from __future__ import annotations

import re

import pytest

from shop.models import Product
from shop.search import index_products
from tests.shop import make
from tests.shop.storefront import (
    make_bread,
    open_shop,
    text_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(db):
    return open_shop()


@pytest.fixture
def bread(shop):
    return make_bread()


def test_search_says_how_much_it_found(bread, client):
    make.make_product(name="Milk roll", slug="milk-roll")
    make.make_product(name="Rye loaf")
    index_products()
    response = client.get("/search/", {"q": "  milk   bread "})
    body = response.content.decode()
    assert "result" in re.search(r"<h1>(.*?)</h1>", body)[1]
    assert "for “milk bread”" in text_of(response)
    assert 'value="milk bread"' in body
    assert "/product/milk-bread/" in body
    assert '<meta name="robots" content="noindex">' in body
    assert 'rel="canonical"' not in body


def test_search_forgives_a_typing_error(bread, client):
    index_products()
    words = text_of(client.get("/search/", {"q": "mlik bread"}))
    assert "1 result for “mlik bread”" in words


def test_search_that_finds_nothing_leads_on(bread, client):
    Product.objects.update(is_featured=True)
    index_products()
    response = client.get("/search/", {"q": "qqqqxxxx"})
    assert response.status_code == 200
    assert "0 results for “qqqqxxxx”" in text_of(response)
    assert bread.category.get_absolute_url() in response.content.decode()
    assert "/product/milk-bread/" in response.content.decode()


@pytest.mark.parametrize("words", ["", "   ", "\0", "%", "'\"--", "x" * 5000, "🥐"])
def test_search_takes_whatever_is_typed(bread, client, words):
    index_products()
    assert client.get("/search/", {"q": words}).status_code == 200


def test_the_allergen_table_covers_everything(bread, client):
    make.make_product(name="Water biscuit")
    words = text_of(client.get("/allergens/"))
    assert "Contains gluten (wheat), milk. May contain sesame." in words
    assert "Water biscuit" in words
    assert "molluscs" in words
