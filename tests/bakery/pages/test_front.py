"""Kept pages in front of Django: the same answer as Django's, and nobody's own."""

from __future__ import annotations

import gzip
import json
import logging
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from django.conf import settings as configured
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import RequestFactory

from bakery import measures
from bakery.logs import JsonLines
from bakery.pages import middleware
from bakery.pages.front import answers, before_django
from basket import tokens
from basket.middleware import (
    FROM_BALANCER,
    LONGEST_REMEMBERED,
    _are_known_to_hold_ours,
    has_basket_cookie,
)
from shop.models import Product, Variant
from shop.search import index_products
from tests.shop.storefront import make_bread, open_shop, urls

pytestmark = pytest.mark.django_db
PRODUCT = "/product/milk-bread/"
# New for every shopper.
OWN = "Set-Cookie"


class Answer(NamedTuple):
    status: str
    headers: dict[str, str]
    body: bytes


class Server:
    """Our WSGI application, with a count of what Django was asked."""

    def __init__(self) -> None:
        self.asked_django = 0
        self.django = WSGIHandler()
        self.application = before_django(self._counted)

    def _counted(self, environ: dict[str, Any], start_response: Callable):
        self.asked_django += 1
        return self.django(environ, start_response)

    def get(self, path: str, **environ: str) -> Answer:
        return _ask(self.application, path, environ)

    def get_from_django(self, path: str, **environ: str) -> Answer:
        return _ask(self.django, path, environ)


def _ask(application: Callable, path: str, more: dict[str, str]) -> Answer:
    usual = {
        "HTTP_HOST": "testserver",
        "HTTP_ACCEPT_ENCODING": "gzip, br",
        "HTTP_ACCEPT": "text/html,*/*",
    }
    method = more.pop("REQUEST_METHOD", "GET")
    environ = RequestFactory().generic(method, path).environ | usual | more
    environ = {name: value for name, value in environ.items() if value is not None}
    said = []

    def start_response(status: str, headers: list[tuple[str, str]]) -> None:
        assert len(dict(headers)) == len(headers)
        said.append((status, dict(headers)))

    response = application(environ, start_response)
    body = b"".join(response)
    if hasattr(response, "close"):
        response.close()
    return Answer(*said[0], body)


def cookie(token: str | None = None) -> str:
    return f"{configured.BASKET_COOKIE_NAME}={tokens.sign(token or tokens.new_token())}"


@pytest.fixture
def bread(db, settings) -> Product:
    settings.PAGE_LOOK_SECONDS = 60
    open_shop()
    bread = make_bread()
    index_products()
    look_again()
    answers.forget()
    return bread


def look_again() -> None:
    """As when the time has come."""
    middleware.watch._looked_at = float("-inf")
    middleware.watch.now()


@pytest.fixture
def server(bread) -> Iterator[Server]:
    """Django leaves the test's connection open, as it does for its own test client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield Server()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("cookies", [cookie(), f"badge=3; {cookie()}; x=1"])
def test_a_shopper_gets_djangos_answer_without_django(
    server, bread, cookies, django_assert_num_queries
):
    for url in urls(bread):
        server.get(url, HTTP_COOKIE=cookie())
        asked = server.asked_django
        with django_assert_num_queries(0):
            given = server.get(url, HTTP_COOKIE=cookies)
        assert server.asked_django == asked, url
        assert given == server.get_from_django(url, HTTP_COOKIE=cookies)
        assert given.headers["X-Page"] == "kept"
        assert len(given.body) == int(given.headers["Content-Length"])


def test_a_new_shopper_gets_a_basket_of_their_own(server):
    server.get(PRODUCT)
    first, second = server.get(PRODUCT), server.get(PRODUCT)
    assert server.asked_django == 1
    by_django = server.get_from_django(PRODUCT)
    baskets = {each.headers.pop(OWN) for each in (first, second, by_django)}
    assert first == second == by_django
    assert len(baskets) == 3
    assert first.headers["Cache-Control"] == "private, no-cache"
    names = {each.strip().partition("=")[0] for each in baskets}
    assert names == {configured.BASKET_COOKIE_NAME}
    values = [each.partition("=")[2].partition(";")[0] for each in baskets]
    assert None not in map(tokens.read, values)


def test_the_cookie_of_a_new_shopper_says_the_same_as_django_s(server):
    server.get(PRODUCT)
    given, by_django = server.get(PRODUCT), server.get_from_django(PRODUCT)
    assert server.asked_django == 1
    changing = re.compile(r"[0-9a-f]{32}\.[0-9a-f]{64}|\d\d:\d\d:\d\d")
    told = [changing.sub("?", each.headers[OWN].strip()) for each in (given, by_django)]
    assert told[0] == told[1]
    assert told[0].startswith(f"{configured.BASKET_COOKIE_NAME}=?; expires=")


def test_who_is_new_gets_a_file_without_a_cookie(server):
    server.get("/sitemap.xml")
    given, by_django = (
        server.get("/sitemap.xml"),
        server.get_from_django("/sitemap.xml"),
    )
    assert server.asked_django == 1
    assert given == by_django
    assert "Set-Cookie" not in given.headers


def test_what_a_new_shopper_was_told_is_public_for_the_next_who_has_a_basket(server):
    server.get(PRODUCT)
    given = server.get(PRODUCT, HTTP_COOKIE=cookie())
    assert server.asked_django == 1
    assert OWN not in given.headers
    assert given == server.get_from_django(PRODUCT, HTTP_COOKIE=cookie())


def test_a_new_shopper_behind_the_balancer_gets_what_everybody_gets(server):
    server.get(PRODUCT)
    told = {FROM_BALANCER: tokens.mark_of_balancer(tokens.signing_key())}
    asked = server.asked_django
    given = server.get(PRODUCT, **told)
    assert server.asked_django == asked
    assert given == server.get_from_django(PRODUCT, **told)
    assert given == server.get(PRODUCT, HTTP_COOKIE=cookie())
    assert OWN not in given.headers
    assert given.headers["Cache-Control"].startswith("public")


def test_nobody_else_can_turn_the_cookie_off(server):
    server.get(PRODUCT)
    for forged in ("", "1", tokens.mark_of_balancer(b"another key")):
        assert OWN in server.get(PRODUCT, **{FROM_BALANCER: forged}).headers
        by_django = server.get_from_django(PRODUCT, **{FROM_BALANCER: forged})
        assert OWN in by_django.headers


@pytest.mark.parametrize(
    "value", ["", "nonsense", "0" * 32 + "." + "0" * 64], ids=["empty", "short", "long"]
)
def test_a_forged_basket_is_no_basket(server, value):
    server.get(PRODUCT)
    forged = f"{configured.BASKET_COOKIE_NAME}={value}"
    assert OWN in server.get(PRODUCT, HTTP_COOKIE=forged).headers


def test_a_basket_of_a_withdrawn_key_is_none_from_then_on(server, settings):
    server.get(PRODUCT)
    asked = {"HTTP_COOKIE": cookie()}
    assert OWN not in server.get(PRODUCT, **asked).headers
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another"
    settings.SECRET_KEY_FALLBACKS = [former]
    assert OWN not in server.get(PRODUCT, **asked).headers
    settings.SECRET_KEY_FALLBACKS = []
    assert OWN in server.get(PRODUCT, **asked).headers
    assert server.asked_django == 1


@pytest.mark.parametrize("before", ["", "x=1; ", f"x={'1' * LONGEST_REMEMBERED}; "])
def test_a_basket_is_found_behind_other_cookies_and_the_longest_are_forgotten(before):
    remembered = _are_known_to_hold_ours.cache_info
    known = remembered().misses
    for _ in range(2):
        assert has_basket_cookie({"HTTP_COOKIE": before + (given := cookie())})
        assert not has_basket_cookie({"HTTP_COOKIE": before + given[:-1] + "."})
    assert remembered().misses - known == (0 if len(before) > 10 else 4)


def test_who_has_the_page_already_is_told_so_as_django_would(server):
    etag = server.get(PRODUCT).headers["ETag"]
    asked = {"HTTP_IF_NONE_MATCH": etag, "HTTP_COOKIE": cookie()}
    server.get(PRODUCT, **asked)
    before = server.asked_django
    given = server.get(PRODUCT, **asked)
    assert server.asked_django == before
    assert given.status == "304 Not Modified"
    assert given == server.get_from_django(PRODUCT, **asked)


def test_who_has_the_page_and_lost_the_basket_gets_both(server):
    etag = server.get(PRODUCT).headers["ETag"]
    server.get(PRODUCT, HTTP_IF_NONE_MATCH=etag, HTTP_COOKIE=cookie())
    given = server.get(PRODUCT, HTTP_IF_NONE_MATCH=etag)
    assert given.status == "200 OK"
    assert OWN in given.headers


def test_a_new_price_is_shown_with_the_next_look(server):
    server.get(PRODUCT)
    Variant.objects.update(price_cents=515)
    look_again()
    text = gzip.decompress(server.get(PRODUCT).body).decode()
    assert "€5.15" in text
    assert "€4.50" not in text


def test_when_it_is_time_to_look_django_does(server):
    server.get(PRODUCT)
    middleware.watch._looked_at = float("-inf")
    server.get(PRODUCT)
    assert server.asked_django == 2


def test_a_minute_later_the_page_is_made_anew(server, monkeypatch):
    server.get(PRODUCT)
    soon = middleware.time.time() + 60
    monkeypatch.setattr(middleware.time, "time", lambda: soon)
    server.get(PRODUCT)
    assert server.asked_django == 2


@pytest.mark.parametrize(
    "unusual",
    [
        {"REQUEST_METHOD": "HEAD"},
        {"REQUEST_METHOD": "POST"},
        {"HTTP_ACCEPT_ENCODING": "identity"},
        {"HTTP_ACCEPT_ENCODING": None},
        {"HTTP_IF_NONE_MATCH": '"another"'},
        {"HTTP_IF_NONE_MATCH": "*"},
        {"HTTP_IF_MATCH": '"another"'},
        {"HTTP_RANGE": "bytes=0-10"},
        {"HTTP_HOST": "another.example"},
        {"HTTP_HOST": None},
        {"SCRIPT_NAME": "/elsewhere"},
        {"wsgi.url_scheme": "https"},
        {"QUERY_STRING": "day=2026-01-01"},
    ],
    ids=str,
)
def test_whatever_is_unusual_is_left_to_django(server, unusual):
    server.get(PRODUCT, HTTP_COOKIE=cookie())
    before = server.asked_django
    given = server.get(PRODUCT, HTTP_COOKIE=cookie(), **unusual)
    assert server.asked_django == before + 1
    by_django = server.get_from_django(PRODUCT, HTTP_COOKIE=cookie(), **unusual)
    assert given.status == by_django.status


@pytest.mark.parametrize("query", ["utm_source=mail", "day=2026-01-01&day=x", "q"])
def test_one_page_is_not_remembered_under_a_thousand_addresses(server, query):
    for _ in range(2):
        assert server.get(f"{PRODUCT}?{query}", HTTP_COOKIE=cookie()).status == "200 OK"
    assert server.asked_django == 2


@pytest.mark.parametrize("path", ["/basket/", "/account/", "/product/none/", "/up"])
def test_no_other_page_is_remembered(server, path):
    first = server.get(path, HTTP_COOKIE=cookie())
    assert server.get(path, HTTP_COOKIE=cookie()).status == first.status
    assert server.asked_django == 2


def test_the_oldest_answers_are_forgotten(server, monkeypatch):
    monkeypatch.setattr("bakery.pages.front.MOST_ANSWERS", 1)
    for path in (PRODUCT, "/", "/"):
        server.get(path)
    assert server.asked_django == 2
    server.get(PRODUCT)
    assert server.asked_django == 3


def test_an_answer_is_logged_and_counted_like_any_other(server, caplog):
    server.get(PRODUCT)
    before = measures.requests().by_class["2xx"]
    caplog.clear()
    lines = JsonLines("clone-5", "7")
    with caplog.at_level(logging.INFO, logger="bakery.access"):
        caplog.handler.setFormatter(lines)
        server.get(PRODUCT, HTTP_X_REQUEST_ID="0" * 32)
    assert server.asked_django == 1
    line = json.loads(caplog.text)
    said = {name: line[name] for name in ("event", "method", "path", "status")}
    assert said == {
        "event": "request",
        "method": "GET",
        "path": PRODUCT,
        "status": 200,
    }
    assert line["request"] == "0" * 32
    assert measures.requests().by_class["2xx"] == before + 1
