"""The catalogue's pages: the same for every shopper, in few queries and few bytes."""

from __future__ import annotations

import datetime as dt
import gzip
import re

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from basket import tokens
from shop import remembered
from shop.calendar import day_words
from shop.demo.load import load_demo
from shop.models import Picture, Product
from shop.search import index_products
from tests.shop import make
from tests.shop.storefront import (
    TODAY,
    free_day,
    linked_data,
    make_bread,
    open_shop,
    text_of,
    urls,
)

pytestmark = pytest.mark.django_db

FOURTEEN_KB = 14 * 1024


@pytest.fixture
def shop(db):
    return open_shop()


@pytest.fixture
def bread(shop):
    return make_bread()


@pytest.fixture
def demo(db):
    """The demo bakery, each product with a picture whose files nobody asks for."""
    load_demo(TODAY, pictures=False)
    Picture.objects.bulk_create(
        Picture(
            product=product,
            alt=f"{product.name}, golden brown, on a board",
            digest=f"{product.pk * 7919:032x}",
            width=1200,
            height=900,
            colour="#d8ccb5",
        )
        for product in Product.objects.all()
    )


# --- for everybody -----------------------------------------------------------------


def test_the_body_is_the_same_for_every_shopper(bread, client):
    index_products()
    staff = Client()
    staff.force_login(make.make_user(is_staff=True, is_superuser=True))
    returning = Client()
    returning.cookies[settings.BASKET_COOKIE_NAME] = tokens.sign(tokens.new_token())
    returning.cookies["badge"] = "7.3.1450"
    for url in urls(bread):
        bodies = {each.get(url).content for each in (client, staff, returning)}
        assert len(bodies) == 1, url
        assert b"csrf" not in bodies.pop()


def test_any_cache_may_keep_a_page_that_sets_no_cookie(bread, client):
    index_products()
    client.cookies[settings.BASKET_COOKIE_NAME] = tokens.sign(tokens.new_token())
    for url in urls(bread):
        response = client.get(url)
        assert response.status_code == 200, url
        assert response["Cache-Control"] == "public, max-age=0, s-maxage=1"
        assert "Cookie" not in response.get("Vary", "")
        assert not response.cookies
        again = client.get(url, headers={"If-None-Match": response["ETag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_the_page_that_brings_the_basket_cookie_is_private(bread, client):
    response = client.get("/")
    assert settings.BASKET_COOKIE_NAME in response.cookies
    assert "public" not in response["Cache-Control"]


def test_pages_are_only_read(bread, client):
    for url in urls(bread):
        assert client.head(url).status_code == 200
        assert client.post(url).status_code == 405


def test_nothing_is_styled_or_scripted_inside_a_page(bread, client):
    index_products()
    for url in urls(bread):
        body = client.get(url).content.decode()
        scripts = re.findall(r"<script(.*?)>", body)
        assert all("src=" in each or "ld+json" in each for each in scripts)
        assert not re.search(r"\s(style|on[a-z]+)=|<style", body)


# --- few queries, few bytes --------------------------------------------------------


# When the page is not kept; one of them asks whether it could be, one whether anything
# has changed in what is remembered of the catalogue.
QUERIES = {
    "/": 4,
    "/category/breads/": 4,
    "/category/breads/?vegan=1": 4,
    "/category/breads/?can=1": 5,
    "/product/milk-bread/": 5,
    "/search/": 3,
    "/search/?q=bread": 4,
    "/search/?q=qqqqxxxx": 5,
    "/allergens/": 4,
    "/sitemap.xml": 3,
}
# The first page after a change in the catalogue reads what all pages share, too.
FIRST = {
    "/": 11,
    "/category/breads/": 9,
    "/category/breads/?can=1": 13,
    "/product/milk-bread/": 10,
    "/search/?q=bread": 9,
    "/search/?q=qqqqxxxx": 11,
    "/allergens/": 9,
    "/sitemap.xml": 4,
    "/robots.txt": 0,
}


@pytest.fixture(autouse=True)
def _nothing_kept():
    """Nothing of the test before, whose rows may have had the same numbers."""
    remembered.forget()


def test_a_page_is_five_questions_at_most(demo, client, django_assert_num_queries):
    other, day = free_day(), free_day() + dt.timedelta(days=1)
    for url, queries in QUERIES.items():
        sign = "&" if "?" in url else "?"
        assert client.get(f"{url}{sign}day={other}").status_code == 200
        with django_assert_num_queries(queries):
            assert client.get(f"{url}{sign}day={day}").status_code == 200
        assert queries <= 5


def test_the_first_page_after_a_change_asks_more_and_the_version_first(demo, client):
    for url, queries in FIRST.items():
        remembered.forget()
        with CaptureQueriesContext(connection) as asked:
            assert client.get(url).status_code == 200
        assert len(asked) == queries, url
        versions = ["bakery_pagechange" in query["sql"] for query in asked]
        assert versions == [True, True, *[False] * (queries - 2)][:queries], url


def test_the_queries_do_not_grow_with_the_products(
    shop, client, django_assert_num_queries
):
    for number in (1, 12):
        for _ in range(number):
            make.make_product(is_featured=True)
        with django_assert_num_queries(11):
            client.get("/")
        url = Product.objects.first().category.get_absolute_url()
        with django_assert_num_queries(4):
            client.get(url)


def test_the_home_page_shows_all_24_in_14_kb(demo, client):
    response = client.get(f"/?day={free_day()}")
    body = response.content.decode()
    everything = body[body.index('id="everything"') :]
    for slug in Product.objects.values_list("slug", flat=True):
        assert everything.count(f'href="/product/{slug}/?day={free_day()}"') >= 1
    assert everything.count('<li class="card') == 24
    assert len(gzip.compress(response.content)) <= FOURTEEN_KB


# --- home --------------------------------------------------------------------------


def test_home_starts_with_the_hero_and_what_is_featured(bread, client):
    make.make_product(name="Rye loaf", is_featured=True, position=9)
    body = client.get("/").content.decode()
    places = [
        body.index(words)
        for words in ("<h1>", "lead", "Today from the oven", 'id="everything"')
    ]
    assert places == sorted(places)
    featured = body[places[2] : places[3]]
    assert featured.index("Rye loaf") < featured.index("Milk bread")


def test_home_tells_hours_and_closed_days(bread, client):
    make.make_exception(date=make.day_from_today(5), reason="Baker's wedding")
    words = text_of(client.get("/"))
    assert "Mon–Sun 7:00–18:00" in words
    assert "Baker&#x27;s wedding closed" in words
    assert "12 Market Lane" in words


def test_home_tells_search_engines_about_the_bakery(bread, client):
    bakery = linked_data(client.get("/"))["Bakery"]
    assert bakery["name"] == settings.SHOP_NAME
    assert bakery["address"] == "12 Market Lane"
    assert bakery["openingHoursSpecification"][0] == {
        "@type": "OpeningHoursSpecification",
        "dayOfWeek": "Monday",
        "opens": "07:00",
        "closes": "18:00",
    }


def test_an_empty_shop_has_a_home_page(client, db):
    response = client.get("/")
    assert response.status_code == 200
    assert "We take no orders at the moment." in text_of(response)


# --- the day -----------------------------------------------------------------------


def test_the_chosen_day_is_kept_in_links_and_forms(bread, client):
    day = free_day()
    body = client.get(f"/?day={day}").content.decode()
    assert f'href="/product/milk-bread/?day={day}"' in body
    assert f'href="{bread.category.get_absolute_url()}?day={day}"' in body
    assert f'<input type="hidden" name="day" value="{day}">' in body
    assert f'<input type="hidden" name="next" value="/?day={day}">' in body


def test_without_a_day_in_the_url_none_is_sent_along(bread, client):
    body = client.get("/").content.decode()
    assert 'name="day"' not in body
    assert 'href="/product/milk-bread/"' in body


@pytest.mark.parametrize("day", ["yesterday", "2020-01-01", "9999-99-99", "%00", "<b>"])
def test_a_wrong_day_gives_the_earliest_and_a_notice(bread, client, day):
    for url in urls(bread):
        response = client.get(url, {"day": day})
        assert response.status_code == 200
        assert "There is no ordering for the day in this link." in text_of(response)
        assert f"day={day}" not in response.content.decode()


def test_a_closed_day_says_why(bread, client):
    day = free_day()
    make.make_exception(date=day, reason="Oven repair")
    words = text_of(client.get(f"/?day={day}"))
    assert f"We are closed on {day_words(day)}: Oven repair." in words


def test_a_sold_out_card_keeps_its_place_and_says_the_next_day(bread, client):
    day, next_day = free_day(), free_day() + dt.timedelta(days=1)
    make.make_product(name="Rye loaf")
    bake_day = make.BakeDay.objects.get(date=day)
    make.make_capacity(bake_day=bake_day, product=bread, limit=5, taken=5)
    url = f"{bread.category.get_absolute_url()}?day={day}"
    body = client.get(url).content.decode()
    assert body.index("Milk bread") < body.index("Rye loaf")
    assert f"Sold out for {day_words(day)}" in body
    assert f'href="/product/milk-bread/?day={next_day}"' in body
    assert 'value="milk-bread"' not in body


# --- category ----------------------------------------------------------------------


def test_a_category_is_filtered_by_its_form(bread, client):
    plain = make.make_product(name="Baguette", variant=False)
    make.make_variant(product=plain, label={"diet": "vegan"})
    url = bread.category.get_absolute_url()
    assert "2 to choose from" in text_of(client.get(url))
    found = client.get(url, {"vegan": "1"})
    assert "1 of 2" in text_of(found)
    assert "/product/milk-bread/" not in found.content.decode()
    none = client.get(url, {"vegan": "1", "no_nuts": "1", "can": "nonsense"})
    assert none.status_code == 200


def test_what_is_not_there_is_not_found(bread, client):
    empty = make.make_category()
    hidden = make.make_product(is_listed=False)
    for url in (
        "/category/nothing/",
        empty.get_absolute_url(),
        "/product/nothing/",
        hidden.get_absolute_url(),
    ):
        assert client.get(url).status_code == 404
