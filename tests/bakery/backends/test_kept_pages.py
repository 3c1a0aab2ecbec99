"""Pages kept for all servers in a real Valkey, and what may happen to it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from django.http import HttpResponse

from bakery.pages.kept import Kept, Page, page_of
from bakery.pages.middleware import Now, _find, kept
from bakery.pages.stamp import Stamp
from tests.shop.storefront import make_bread, open_shop

pytestmark = pytest.mark.django_db
PRODUCT = "/product/milk-bread/"
PAGE = Page(b"bread", {"Content-Type": "text/html"}, 'W/"1"', 7, 8)


@pytest.fixture
def bread(db):
    open_shop()
    return make_bread()


def test_another_server_shows_the_page_that_one_has_made(redis_cache, bread, client):
    made = client.get(PRODUCT)
    kept.forget()  # as on a server that has just begun
    shown = client.get(PRODUCT)
    assert (made["X-Page"], shown["X-Page"]) == ("made", "kept")
    assert shown.content == made.content


def test_a_page_comes_back_as_it_was(redis_cache):
    Kept().keep("a", PAGE)
    assert Kept().far("a") == PAGE


def test_a_page_that_somebody_else_wrote_is_not_shown(redis_cache, bread, client):
    client.get(PRODUCT)
    kept.forget()
    [name] = redis_cache.keys("page:*")
    signed = redis_cache.get(name)
    forged = json.loads(signed.rpartition(":")[0]) | {"headers": {"X-Evil": "1"}}
    proof = signed.rpartition(":")[2]
    for value in (f"{json.dumps(forged)}:{proof}", "rubbish", 7, None, {"body": "x"}):
        redis_cache.set(name, value)
        kept.forget()
        response = client.get(PRODUCT)
        assert (response.status_code, response["X-Page"]) == (200, "made")
        assert "X-Evil" not in response


def test_a_page_in_the_place_of_another_is_not_shown(redis_cache):
    """Whoever can write to the cache can copy: the page is signed for its address."""
    Kept().keep("a", PAGE)
    [name] = redis_cache.keys("page:*")
    Kept().keep("b", PAGE)
    [other] = set(redis_cache.keys("page:*")) - {name}
    redis_cache.set(other, redis_cache.get(name))
    assert Kept().far("a") == PAGE
    assert Kept().far("b") is None


def test_a_cache_that_comes_back_old_does_not_bring_a_page_back(redis_cache):
    kept.forget()
    newer, older = (replace(PAGE, minute=minute) for minute in (12, 8))
    kept.keep("a", older)
    kept.remember("a", newer)
    away = Now(Stamp(7, False, 0.0), 13)
    assert _find("a", away) == newer
    kept.forget()
    assert _find("a", away) == older


@pytest.mark.parametrize("trouble", ["kill", "freeze"])
def test_without_the_cache_each_server_keeps_its_own(
    trouble, redis_cache, valkey_server, bread, client
):
    getattr(valkey_server, trouble)()
    assert client.get(PRODUCT)["X-Page"] == "made"
    assert client.get(PRODUCT)["X-Page"] == "kept"


def test_one_of_all_servers_makes_an_old_page_anew(redis_cache):
    one, other = Kept(), Kept()
    assert one.may_refill("a")
    assert not other.may_refill("a")
    assert other.may_refill("b")
    one.refilled("a")
    assert other.may_refill("a")


def test_nothing_waits_for_a_server_that_has_died_making_it(redis_cache):
    Kept().may_refill("a")
    [name] = redis_cache.keys("page:*:refill")
    assert 0 < redis_cache.ttl(name) <= 2


def test_a_page_as_large_as_no_page_is_not_kept(redis_cache):
    large = page_of(HttpResponse(bytes(range(256)) * 4_000), 1, 1)
    large = Page(large.body * 300, large.headers, large.etag, 1, 1)
    store = Kept()
    store.keep("a", large)
    assert store.near("a") is None
    assert redis_cache.keys("page:*") == []
