"""The catalogue of a shop with very many products comes in pages."""

from __future__ import annotations

import pytest
from django.test import Client

from shop.search import READ_AT_ONCE, find
from shop.views import catalogue
from tests.shop import make
from tests.shop.storefront import open_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf(monkeypatch):
    """A category of seven products, of which a page shows three."""
    monkeypatch.setattr(catalogue, "SHOWN_OF_SHELF", 3)
    monkeypatch.setattr(catalogue, "ROWS", 3)
    monkeypatch.setattr(catalogue, "SHOWN_OF_EACH", 2)
    open_shop()
    category = make.make_category(name="Loaves", slug="loaves")
    for n in range(7):
        make.make_product(name=f"Loaf {n}", position=n, category=category)
    return category.get_absolute_url()


def page(address):
    answer = Client().get(address)
    assert answer.status_code == 200
    return answer


def names(answer):
    return [card.product.name for card in answer.context["cards"]]


def test_a_large_category_goes_on_page_by_page(shelf):
    first, second, third = (page(f"{shelf}{q}") for q in ("", "?p=2", "?p=3"))
    assert names(first) == ["Loaf 0", "Loaf 1", "Loaf 2"]
    assert names(second) == ["Loaf 3", "Loaf 4", "Loaf 5"]
    assert names(third) == ["Loaf 6"]
    pages = first.context["pages"]
    assert (pages.before, pages.after) == ("", f"{shelf}?p=2")
    pages = second.context["pages"]
    assert (pages.before, pages.after) == (shelf, f"{shelf}?p=3")
    assert third.context["pages"].after == ""


def test_the_day_and_the_filter_stay_from_page_to_page(shelf):
    day = make.day_from_today(3).isoformat()
    answer = page(f"{shelf}?day={day}&vegan=0&p=2")
    assert answer.context["pages"].after == f"{shelf}?day={day}&vegan=0&p=3"


@pytest.mark.parametrize("p", ["4", "1000", "9999"])
def test_a_page_beyond_the_last_is_not_there(shelf, p):
    assert Client().get(f"{shelf}?p={p}").status_code == 404


@pytest.mark.parametrize("p", ["0", "-1", "x", "", "²", "99999999999999999999"])
def test_what_is_no_page_number_is_the_first(shelf, p):
    assert names(page(f"{shelf}?p={p}")) == ["Loaf 0", "Loaf 1", "Loaf 2"]


def test_a_small_category_names_no_pages(shelf, monkeypatch):
    monkeypatch.setattr(catalogue, "SHOWN_OF_SHELF", 7)
    answer = page(shelf)
    assert answer.context["pages"] is None
    assert b"Next page" not in answer.content


def test_the_home_page_shows_the_front_of_each_category(shelf):
    sections = page("/").context["sections"]
    [shown] = [cards for category, cards in sections if category.slug == "loaves"]
    assert [card.product.name for card in shown] == ["Loaf 0", "Loaf 1"]


def test_the_allergens_go_on_page_by_page(shelf):
    first, beyond = page("/allergens/"), Client().get("/allergens/?p=1000")
    rows = [row for _, rows in first.context["sections"] for row in rows]
    assert len(rows) == 3
    assert first.context["pages"].after == "/allergens/?p=2"
    assert beyond.status_code == 404


def test_a_filter_alone_reads_until_it_has_enough(django_assert_num_queries):
    label = {"ingredients": "rye", "allergens": [], "diet": "vegan"}
    for n in range(READ_AT_ONCE + 20):
        product = make.make_product(variant=False, name=f"Loaf {n:03}")
        make.make_variant(product=product, label=label)
    with django_assert_num_queries(2):
        assert [each.name for each in find("vegan", 3)] == [
            "Loaf 000",
            "Loaf 001",
            "Loaf 002",
        ]
    with django_assert_num_queries(4):
        assert len(find("vegan", READ_AT_ONCE + 10)) == READ_AT_ONCE + 10
