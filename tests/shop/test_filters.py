"""The filter of a category narrows down all of it, however many pages it has."""

from __future__ import annotations

import re

import pytest
from django.test import Client, RequestFactory

from shop import remembered
from shop.catalogue import products_for_list
from shop.filters import Filters
from shop.models import Capacity, Category, Product, Variant
from shop.offers import offers_from
from shop.shelf_facts import facts_of_shelf
from shop.shopfront import open_shopfront
from shop.views import catalogue
from tests.shop import make
from tests.shop.storefront import TODAY, free_day, open_shop

pytestmark = pytest.mark.django_db

EVERY_DAY = 0b1111111


@pytest.fixture(autouse=True)
def _nothing_kept():
    """Nothing of the test before, whose rows may have had the same numbers."""
    remembered.forget()


@pytest.fixture
def shelf(monkeypatch):
    """A category, of which a page shows three."""
    monkeypatch.setattr(catalogue, "SHOWN_OF_SHELF", 3)
    open_shop()
    return make.make_category(name="Loaves", slug="loaves")


def put(shelf, name, label=None, **facts):
    facts.setdefault("position", Product.objects.count())
    product = make.make_product(name=name, variant=False, category=shelf, **facts)
    make.make_variant(product=product, label={"diet": "vegan"} | (label or {}))
    return product


def page(shelf, query="", status=200):
    answer = Client().get(f"{shelf.get_absolute_url()}{query}")
    assert answer.status_code == status
    return answer


def names(answer):
    return [card.product.name for card in answer.context["cards"]]


def counts(answer):
    return answer.context["number_found"], answer.context["number_of_all"]


def found_line(answer):
    [line] = re.findall(r'role="status">(.*?)</p>', answer.content.decode())
    return line


@pytest.fixture
def mixed(shelf):
    """Ten products; every second one is vegan, so no page would be full of them."""
    for n in range(10):
        put(shelf, f"Loaf {n}", {"diet": "vegetarian" if n % 2 else "vegan"})
    return shelf


def test_what_fits_is_taken_from_all_pages(mixed):
    first, second = page(mixed, "?vegan=1"), page(mixed, "?vegan=1&p=2")
    assert names(first) == ["Loaf 0", "Loaf 2", "Loaf 4"]
    assert names(second) == ["Loaf 6", "Loaf 8"]
    assert counts(first) == counts(second) == (5, 10)
    address = mixed.get_absolute_url()
    pages = first.context["pages"]
    assert (pages.before, pages.after) == ("", f"{address}?vegan=1&p=2")
    pages = second.context["pages"]
    assert (pages.before, pages.after) == (f"{address}?vegan=1", "")


def test_the_line_counts_all_that_fits_on_every_page():
    """In pages as they are: what fits fills one and a quarter."""
    open_shop()
    shelf = make.make_category(name="Loaves", slug="loaves")
    for n in range(120):
        put(shelf, f"Loaf {n}", {"diet": "vegetarian" if n % 2 else "vegan"})
    first, second = page(shelf, "?vegan=1"), page(shelf, "?vegan=1&p=2")
    assert [len(names(each)) for each in (first, second)] == [48, 12]
    for answer in (first, second):
        assert found_line(answer) == "60 of 120"
    assert found_line(page(shelf)) == "48 to choose from on this page"
    assert found_line(page(shelf, "?p=3")) == "24 to choose from on this page"


def test_beyond_the_last_page_of_what_fits_there_is_none(mixed):
    page(mixed, "?p=3")
    page(mixed, "?vegan=1&p=3", status=404)


def test_a_full_last_page_has_none_after_it(shelf):
    for n in range(6):
        put(shelf, f"Loaf {n}")
    assert page(shelf, "?vegan=1&p=2").context["pages"].after == ""
    assert page(shelf, "?p=2").context["pages"].after == ""
    page(shelf, "?p=3", status=404)


def test_where_nothing_fits_it_says_so(mixed):
    Variant.objects.update(label={"allergens": ["nuts.almond"]})
    answer = page(mixed, "?no_nuts=1")
    assert b"Nothing here fits all of that." in answer.content
    assert (names(answer), counts(answer)) == ([], (0, 10))
    assert answer.context["pages"] is None


def test_a_category_that_is_not_there_is_not_found_filtered_either(mixed):
    empty = make.make_category()
    for query in ("", "?vegan=1", "?can=1", "?no_nuts=1&p=2"):
        page(empty, query, status=404)


@pytest.mark.parametrize(
    ("label", "has_nuts"),
    [
        ({}, False),
        ({"allergens": ["gluten.wheat", "milk"]}, False),
        ({"allergens": ["milk", "nuts.almond"]}, True),
        ({"may_contain": ["peanuts"]}, True),
        ({"allergens": [], "may_contain": ["nuts.brazil"]}, True),
        ({"ingredients": "nuts.brazil, peanuts"}, False),
        ({"allergens": ["coconuts.brazil"]}, False),
    ],
)
def test_nuts_are_what_a_label_names_be_it_as_a_trace(shelf, label, has_nuts):
    put(shelf, "Loaf", label)
    [fact] = facts_of_shelf("loaves").facts
    assert fact.has_nuts == has_nuts


def test_boxes_narrow_down_together(shelf):
    put(shelf, "plain", {"allergens": ["gluten.wheat"]})
    put(shelf, "nutty", {"allergens": ["nuts.almond"]})
    put(shelf, "dairy", {"diet": "vegetarian", "allergens": ["milk"]})
    put(shelf, "away", weekdays=EVERY_DAY & ~(1 << free_day().weekday()))
    day = f"day={free_day()}"
    assert names(page(shelf, f"?{day}&vegan=yes")) == ["plain", "nutty", "dairy"]
    assert names(page(shelf, f"?{day}&vegan=1")) == ["plain", "nutty", "away"]
    assert names(page(shelf, f"?{day}&no_nuts=1")) == ["plain", "dairy", "away"]
    assert names(page(shelf, f"?{day}&vegan=1&no_nuts=1&can=1")) == ["plain"]


def test_the_first_active_variant_says_vegan_and_any_says_nuts(shelf):
    product = put(shelf, "Loaf", position=1)
    make.make_variant(product=product, position=1, label={"allergens": ["nuts.almond"]})
    [fact] = facts_of_shelf("loaves").facts
    assert (fact.is_vegan, fact.has_nuts) == (True, True)
    product.variants.filter(position=0).update(is_active=False)
    [fact] = facts_of_shelf("loaves").facts
    assert fact.is_vegan is False


# --- what can be had ---------------------------------------------------------------


@pytest.fixture
def many_kinds(shelf):
    """Products that differ in whatever decides about a day."""
    day = free_day()
    bake_day = make.BakeDay.objects.get(date=day)
    away = EVERY_DAY & ~(1 << day.weekday())
    for n in range(3):
        put(shelf, f"Plain {n}")
        put(shelf, f"Away {n}", weekdays=away)
        put(shelf, f"Slow {n}", lead_days=9)
    month_day = f"{day:%m-%d}"
    put(shelf, "In season", season_start=month_day, season_end=month_day)
    put(shelf, "Out of season", season_start="02-29", season_end="02-29")
    for name, limit, taken in (("Limited", 5, 1), ("Gone", 5, 5)):
        product = put(shelf, name)
        make.make_capacity(bake_day=bake_day, product=product, limit=limit, taken=taken)
    both = put(shelf, "One of two")
    make.make_variant(product=both, pieces=7, position=1)
    make.make_capacity(bake_day=bake_day, product=both, limit=5)
    half = put(shelf, "Large only")
    half.variants.update(pieces=7)
    make.make_capacity(bake_day=bake_day, product=half, limit=5)
    oven = make.make_resource(
        uses={
            put(shelf, "Light").variants.get(): 2,
            put(shelf, "Big").variants.get(): 9,
        }
    )
    make.make_capacity(bake_day=bake_day, resource=oven, limit=8)
    return shelf


def test_one_of_each_kind_answers_as_each_would_for_itself(many_kinds):
    for day in (free_day(), TODAY, make.day_from_today(1), make.day_from_today(6)):
        query = f"?day={day}"
        every = products_for_list(category=many_kinds)
        front = open_shopfront(RequestFactory().get(f"/{query}"), every)
        offers = offers_from(front.supply, front.strip.date, every)
        expected = [each.pk for each in every if offers[each.pk].can]
        facts = facts_of_shelf("loaves")
        supply = open_shopfront(RequestFactory().get("/"), facts.examples).supply
        can = facts.can_be_had(supply, front.strip.date)
        assert Filters(can=True).keys(facts, can) == expected
    assert 0 < len(facts.examples) < len(facts.facts)


def test_what_cannot_be_had_that_day_is_left_out_of_all_pages(many_kinds):
    query = f"?can=1&day={free_day()}"
    pages = [page(many_kinds, f"{query}{more}") for more in ("", "&p=2", "&p=3")]
    found = [name for answer in pages for name in names(answer)]
    assert sorted(found) == sorted(
        [*("Plain 0", "Plain 1", "Plain 2", "In season", "Limited", "Light")]
        + ["One of two"]
    )
    assert counts(pages[0]) == (7, Product.objects.count())


def test_what_sells_out_is_left_out_though_the_facts_are_remembered(many_kinds):
    query = f"?can=1&day={free_day()}"
    assert counts(page(many_kinds, query))[0] == 7
    Capacity.objects.filter(resource__isnull=False).update(taken=8)
    assert counts(page(many_kinds, query))[0] == 6
    light = Product.objects.get(name="Limited")
    Capacity.objects.filter(product=light).update(taken=5)
    assert counts(page(many_kinds, query))[0] == 5


def test_a_limit_of_its_own_that_is_new_is_seen(many_kinds):
    query = f"?can=1&day={free_day()}"
    assert counts(page(many_kinds, query))[0] == 7
    bake_day = make.BakeDay.objects.get(date=free_day())
    plain = Product.objects.get(name="Plain 1")
    make.make_capacity(bake_day=bake_day, product=plain, limit=5, taken=5)
    assert counts(page(many_kinds, query))[0] == 6


@pytest.mark.parametrize("query", ["?vegan=1", "?can=1", "?can=1&no_nuts=1"])
def test_a_filter_asks_the_same_however_full_the_shelf(
    shelf, query, django_assert_num_queries
):
    for number in (2, 12):
        for _ in range(number):
            put(shelf, f"Loaf {make.number()}")
        remembered.forget()
        with django_assert_num_queries(13 if "can" in query else 12):
            page(shelf, query)
    assert Category.objects.count() == 1
