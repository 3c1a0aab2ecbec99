"""Every response has what tells a browser to be careful: at least 115 points."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.db import transaction
from django.test import Client, override_settings

from bakery.headers import PERMISSIONS
from shop.roles import OWNER
from tests.access_matrix import PAGES
from tests.observatory import POINTS, Seen, findings, score
from tests.routes import Things, confirm, make_things, patterns
from tests.shop.shopper import Shopper
from tests.shop.staffing import client_of, make_staff

AT_LEAST = 115
# What settings/base.py makes of a SITE_URL that begins with https.
ON_HTTPS = {
    "HTTPS": True,
    "SESSION_COOKIE_SECURE": True,
    "CSRF_COOKIE_SECURE": True,
    "SECURE_HSTS_SECONDS": 31_536_000,
    "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
}


@pytest.fixture
def things(db) -> Iterator[Things]:
    with override_settings(**ON_HTTPS):
        yield make_things()


def seen(answer: Any) -> Seen:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return Seen(answer.headers, answer.cookies, body.decode(errors="replace"))


def ask(client: Client, method: str, path: str) -> Seen:
    """Over https; what it changed is undone."""
    cookies = copy.deepcopy(client.cookies)
    headers = {"sec-fetch-site": "same-origin"}
    with transaction.atomic():
        answer = client.generic(method, path, headers=headers, secure=True)
        found = seen(answer)
        transaction.set_rollback(True)
    client.cookies = cookies
    return found


def poor(client: Client, things: Things, method: str) -> dict[str, Any]:
    """Addresses with too few points, and why."""
    found = {}
    for pattern in patterns():
        answer = ask(client, method, things.path(pattern))
        if score(answer) < AT_LEAST:
            found[pattern] = (score(answer), findings(answer))
    return found


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_address_has_enough_points_for_a_stranger(things, method):
    assert poor(Shopper(), things, method) == {}


@pytest.mark.slow
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_address_has_enough_points_for_the_boss(things, method):
    boss = make_staff(OWNER)
    confirm(boss)
    assert poor(client_of(boss), things, method) == {}


@pytest.mark.slow
def test_every_address_has_enough_points_for_the_owner_of_an_order(things):
    assert poor(client_of(things.owner), things, "GET") == {}


NOWHERE = [
    "/there-is-no-such-page/",
    "/static/shop/storefront.000000000000.css",
    "/static/shop/storefront.css",
    "/media/pictures/nothing.jpg",
    "/order/%00/",
]


@pytest.mark.parametrize("path", NOWHERE)
def test_what_is_not_there_and_what_is_a_file_has_them_too(things, path):
    answer = ask(Client(), "GET", path)
    assert score(answer) >= AT_LEAST, findings(answer)
    assert answer.headers["Permissions-Policy"] == PERMISSIONS
    assert answer.headers["X-Frame-Options"] == "DENY"


def test_an_unknown_host_and_a_server_error_have_them_too(things):
    client = Client(raise_request_exception=False)
    with override_settings(ALLOWED_HOSTS=["shop.example"]):
        refused = seen(client.get("/", secure=True))
    with override_settings(ROOT_URLCONF="tests.broken_urls"):
        broken = client.get("/", secure=True)
    assert broken.status_code == 500
    for answer in (refused, seen(broken)):
        assert score(answer) >= AT_LEAST, findings(answer)


@pytest.mark.parametrize("pattern", PAGES)
def test_pages_are_their_own_window_and_ask_for_no_device(things, pattern):
    headers = ask(Client(), "GET", things.path(pattern)).headers
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Permissions-Policy"] == PERMISSIONS
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert "Server" not in headers
    assert "X-Powered-By" not in headers


def test_cookies_are_bound_to_the_host_as_far_as_a_browser_can(things):
    """Names with __Host- come with the settings; here is what such a name demands."""
    shopper = Client()
    set_cookies = SimpleCookie()
    for path in ("/", "/account/auth/login/", "/basket/"):
        set_cookies |= ask(shopper, "GET", path).cookies
    assert {"basket", "csrf"} <= set(set_cookies)
    for morsel in set_cookies.values():
        assert (morsel["path"], morsel["domain"]) == ("/", "")
        assert morsel["secure"]
        assert morsel["samesite"] == "Lax"


# --- the rules themselves ----------------------------------------------------------

GOOD = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
}


def with_cookie(text: str) -> Seen:
    return Seen(GOOD, SimpleCookie(text))


def test_the_best_there_is():
    assert score(Seen(GOOD, {})) == 130
    best = with_cookie("__Host-session=1; Secure; HttpOnly; SameSite=Lax")
    assert score(best) == 135


@pytest.mark.parametrize(
    ("header", "value", "points"),
    [
        ("Content-Security-Policy", "", 55),  # with it go the frames, and all bonuses
        ("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'", 125),
        ("Content-Security-Policy", "script-src 'unsafe-inline'", 60),
        ("Content-Security-Policy", "default-src 'none'", 80),
        ("Cross-Origin-Resource-Policy", "", 120),
        ("Cross-Origin-Resource-Policy", "everybody", 115),
        ("Referrer-Policy", "unsafe-url", 120),
        ("Strict-Transport-Security", "", 80),
        ("Strict-Transport-Security", "max-age=600", 120),
        ("X-Content-Type-Options", "", 125),
        ("Access-Control-Allow-Origin", "*", 130),
    ],
)
def test_what_is_missing_costs_points(header, value, points):
    assert score(Seen(GOOD | {header: value}, {})) == points


@pytest.mark.parametrize(
    ("cookie", "points"),
    [
        ("basket=1; Secure; SameSite=Lax", 135),
        ("session=1; Secure; SameSite=Lax", 70),
        ("session=1; HttpOnly; SameSite=Lax", 60),
        ("badge=1; SameSite=Lax", 80),
        ("csrf=1; Secure", 80),
    ],
)
def test_careless_cookies_cost_points(cookie, points):
    assert score(with_cookie(cookie)) == points


def test_a_script_of_another_site_costs_points():
    page = '<script src="https://cdn.example/x.js"></script>'
    assert score(Seen(GOOD, {}, page)) == 125


def test_every_finding_has_its_points():
    assert len(POINTS) > 30
