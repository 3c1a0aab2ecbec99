"""Kept pages: the same for everybody, new at once, and nobody's own."""

from __future__ import annotations

import gzip
import threading

import pytest
from django.db import OperationalError, connection, connections
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from bakery.pages import kept as kept_pages
from bakery.pages import middleware
from bakery.pages.middleware import kept
from shop.middleware import OWN_PAGES
from shop.models import Product, Variant
from shop.search import index_products
from tests.shop import make
from tests.shop.storefront import make_bread, open_shop, text_of, urls

pytestmark = pytest.mark.django_db
PRODUCT = "/product/milk-bread/"


@pytest.fixture
def bread(db) -> Product:
    open_shop()
    bread = make_bread()
    index_products()
    return bread


def test_the_second_visitor_gets_the_page_that_was_made_for_the_first(
    bread, django_assert_num_queries
):
    for url in urls(bread):
        made = Client().get(url)
        with django_assert_num_queries(1):  # whether something has changed
            shown = Client().get(url)
        assert (made["X-Page"], shown["X-Page"]) == ("made", "kept")
        assert shown.content == made.content
        assert shown["Cache-Control"] == made["Cache-Control"]


def test_between_two_looks_a_page_costs_no_query(
    bread, client, settings, django_assert_num_queries
):
    settings.PAGE_LOOK_SECONDS = 60
    client.get(PRODUCT)
    client.get(PRODUCT)
    with django_assert_num_queries(0):
        assert client.get(PRODUCT)["X-Page"] == "kept"


def test_a_new_price_is_shown_at_once(bread, client):
    assert "€4.50" in text_of(client.get(PRODUCT))
    Variant.objects.update(price_cents=515)
    response = client.get(PRODUCT)
    assert "€5.15" in text_of(response)
    assert "€4.50" not in text_of(response)


def test_a_minute_later_the_page_is_made_anew(bread, client, monkeypatch):
    client.get(PRODUCT)
    soon = middleware.time.time() + 60
    monkeypatch.setattr(middleware.time, "time", lambda: soon)
    assert client.get(PRODUCT)["X-Page"] == "made"


def test_what_changes_while_a_page_is_made_is_in_the_next(bread, client):
    """The page that is made has the old price and is not shown for the new one."""

    def change(run, *words):
        answer = run(*words)
        if not changed and "shop_variant" in words[0]:
            changed.append(True)
            Variant.objects.update(price_cents=515)
        return answer

    changed: list[bool] = []
    with connection.execute_wrapper(change):
        client.get(PRODUCT)
    assert changed
    assert "€5.15" in text_of(client.get(PRODUCT))


# --- nobody's own ------------------------------------------------------------------


def all_public_urls(bread: Product) -> list[str]:
    slugs = {"home": [], "category": [bread.category.slug], "product": [bread.slug]}
    found = []
    for name, _ in public_views(get_resolver()):
        space = "" if name == "sitemap" else "shop:"
        found.append(reverse(f"{space}{name}", args=slugs.get(name, [])))
    return found


def public_views(resolver: URLResolver):
    for each in resolver.url_patterns:
        if isinstance(each, URLPattern):
            if getattr(each.callback, "is_for_everybody", False):
                yield each.name, each.callback
        else:
            yield from public_views(each)


def test_no_public_page_sets_a_cookie_or_touches_a_session(bread):
    """Walks the addresses there are, so that a new page cannot be forgotten."""
    found = all_public_urls(bread)
    assert len(found) >= 6
    for url in found:
        shopper = Client()
        shopper.get("/")  # has the basket's cookie from here on
        kept.forget()
        response = shopper.get(url)
        assert (response.status_code, response["X-Page"]) == (200, "made"), url
        assert not response.cookies, url
        assert "cookie" not in response["Vary"].lower(), url
        assert "public" in response["Cache-Control"], url


@pytest.mark.urls("tests.bakery.pages.naughty")
@pytest.mark.parametrize("url", ["/cookie/", "/session/"])
def test_a_page_that_is_somebodys_own_is_not_kept(url, client, caplog):
    """The control of the test above: such a page is told from the others."""
    for _ in range(2):
        response = client.get(url)
        assert "X-Page" not in response
        assert response["Cache-Control"].startswith("private")
    assert "not kept" in caplog.text
    assert kept.near(f"0.1.0 http://testserver{url}?") is None


@pytest.mark.urls("tests.bakery.pages.naughty")
def test_a_page_is_made_from_the_address_and_nothing_else():
    visitor = Client(headers={"User-Agent": "Ssoni's", "X-Forwarded-For": "192.0.2.7"})
    visitor.cookies["name"] = "Ssoni"
    told = visitor.get("/all/?q=rye&utm=Ssoni", REMOTE_ADDR="192.0.2.7").content
    assert b"'q': ['rye']" in told
    assert b"Ssoni" not in told
    assert b"192.0.2.7" not in told


@pytest.mark.urls("tests.bakery.pages.naughty")
def test_a_shoppers_own_addresses_are_never_kept_whatever_their_page_says():
    visitor = Client()
    visitor.cookies["name"] = "Ssoni"
    response = visitor.get("/basket/all/")
    assert "X-Page" not in response
    assert b"Ssoni" in response.content


def test_no_page_for_everybody_lies_under_a_shoppers_own_addresses(bread):
    assert [url for url in all_public_urls(bread) if url.startswith(OWN_PAGES)] == []


def test_questions_that_mean_nothing_make_no_new_page(bread, client):
    made = client.get(f"{PRODUCT}?day={make.day_from_today(4)}")
    shown = client.get(f"{PRODUCT}?x=1&day={make.day_from_today(4)}&utm_source=mail")
    assert shown["X-Page"] == "kept"
    assert shown.content == made.content


def test_other_questions_are_other_pages(bread, client):
    day = client.get(f"{PRODUCT}?day={make.day_from_today(4)}")
    assert day.content != client.get(PRODUCT).content
    assert client.get("/search/?q=rye").content != client.get("/search/?q=oat").content


def test_the_first_page_of_a_shopper_is_theirs_and_the_next_ones_is_not(bread):
    Client().get(PRODUCT)
    newcomer = Client().get(PRODUCT, headers={"Accept": "text/html"})
    assert newcomer["X-Page"] == "kept"
    assert "basket" in newcomer.cookies
    assert newcomer["Cache-Control"] == "private, no-cache"
    shopper = Client()
    shopper.cookies = newcomer.cookies
    again = shopper.get(PRODUCT)
    assert not again.cookies
    assert "public" in again["Cache-Control"]


@pytest.mark.parametrize("url", ["/basket/", "/checkout/order/", "/staff/", "/up"])
def test_other_pages_are_never_kept(url, bread, client):
    assert "X-Page" not in client.get(url)
    assert "X-Page" not in client.get(url)


def test_a_page_that_is_not_there_is_not_kept(bread, client):
    assert client.get("/product/no-such-bread/").status_code == 404
    make.make_product(name="No such bread", slug="no-such-bread")
    assert client.get("/product/no-such-bread/").status_code == 200


def test_an_odd_host_is_refused_on_a_kept_page_too(bread, client, settings):
    settings.ALLOWED_HOSTS = ["testserver"]
    client.get(PRODUCT)
    assert client.get(PRODUCT, headers={"Host": "evil.example"}).status_code == 400


def test_a_very_long_address_is_answered_and_not_kept(bread, client):
    response = client.get(PRODUCT, {"utm": "x" * 400})
    assert response.status_code == 200
    assert "X-Page" not in response


# --- the forms of one page ---------------------------------------------------------


def test_it_comes_compressed_to_whoever_takes_that(bread, client):
    plain = client.get(PRODUCT)
    small = client.get(PRODUCT, headers={"Accept-Encoding": "gzip, br"})
    assert small["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.content) == plain.content
    assert small["ETag"] == plain["ETag"]
    assert small["Vary"] == plain["Vary"] == "Accept-Encoding"


def test_whoever_has_it_is_told_so(bread, client):
    client.get("/")
    etag = client.get(PRODUCT)["ETag"]
    again = client.get(PRODUCT, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    Variant.objects.update(price_cents=515)
    changed = client.get(PRODUCT, headers={"If-None-Match": etag})
    assert changed.status_code == 200


def test_head_is_answered_with_the_length_of_the_page(bread, client):
    page = client.get(PRODUCT)
    head = client.head(PRODUCT)
    assert (head.status_code, head.content) == (200, b"")
    assert head["Content-Length"] == str(len(page.content))


# --- when something fails ----------------------------------------------------------


def test_while_the_database_is_away_the_old_page_is_shown(bread, client):
    def away(run, *words):
        raise OperationalError("gone")

    before = client.get(PRODUCT)
    with connection.execute_wrapper(away):
        response = client.get(PRODUCT)
        assert client.get("/search/?q=never-asked").status_code == 503
    assert (response.status_code, response["X-Page"]) == (200, "old")
    assert response.content == before.content


def test_a_page_that_fails_to_be_made_is_answered_by_the_old_one(bread, client):
    def fails(run, *words):
        if "shop_product" in words[0] and words[0].startswith("SELECT"):
            raise OperationalError("gone")
        return run(*words)

    before = client.get(PRODUCT)
    Variant.objects.update(price_cents=515)
    with connection.execute_wrapper(fails):
        response = client.get(PRODUCT)
    assert (response.status_code, response["X-Page"]) == (200, "old")
    assert response.content == before.content


def test_the_least_used_pages_go_first(bread, client, monkeypatch):
    monkeypatch.setattr(kept_pages, "MOST_PAGES", 2)
    for url in ("/", PRODUCT, "/", "/allergens/"):
        client.get(url)
    assert client.get("/")["X-Page"] == "kept"
    assert client.get(PRODUCT)["X-Page"] == "made"


# --- many at once ------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_a_page_that_many_want_is_made_once(guarded, settings, monkeypatch):
    """Without the lock (the control) it is made as often as it is asked for."""
    settings.PAGE_LOOK_SECONDS = 60
    open_shop()
    make_bread()
    if not guarded:
        monkeypatch.setattr(middleware, "Lock", NoLock)
    made, together = [], threading.Barrier(8)
    client = Client()
    client.get("/basket/")  # loads the middleware, so that all threads share it
    handler = client.handler
    middleware.watch.now()  # while one looks, the others go by what was seen last

    def ask() -> None:
        own = Client()
        own.handler = handler
        together.wait()
        made.append(own.get(PRODUCT)["X-Page"])
        connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8
    assert (made.count("made") == 1) == guarded


class NoLock:
    def __enter__(self) -> None: ...

    def __exit__(self, *error: object) -> None: ...
