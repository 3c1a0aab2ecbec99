"""No address of the whole shop lets another site's page change anything.

Storefront pages are the same for all and hold no token: there the browser's word on
where a request comes from decides. Everywhere else Django's token check stays on.
"""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern

pytestmark = pytest.mark.django_db

# One value that any converter of ours takes.
SAMPLES = {"int": "1", "date": "2026-11-24", "uuid": "a" * 8, "slug": "rye"}
FOREIGN = [
    {},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "none", "origin": "https://evil.example"},
    {"sec-fetch-site": "none", "origin": "null"},
    {"origin": "https://evil.example"},
    {"origin": "http://testserver.evil.example"},
    {"origin": "https://testserver"},
    {"origin": "null"},
    {"referer": "http://testserver/"},
]
OURS = [
    {"sec-fetch-site": "same-origin"},
    {"sec-fetch-site": "none"},
    {"origin": "http://testserver"},
]


def every_path(resolver: URLResolver, before: str = "/") -> list[str]:
    paths = []
    for pattern in resolver.url_patterns:
        path = before + sample_of(pattern.pattern)
        if isinstance(pattern, URLPattern):
            paths.append(path)
        else:
            paths += every_path(pattern, path)
    return paths


def sample_of(pattern: object) -> str:
    if isinstance(pattern, RegexPattern):
        plain = str(pattern).removeprefix("^").removesuffix("$")
        return re.sub(r"\(\?P<\w+>[^)]*\)", "rye", plain)
    return re.sub(
        r"<(?:(\w+):)?\w+>", lambda m: SAMPLES.get(m[1] or "str", "rye"), str(pattern)
    )


STAFF = ("/staff/", "/admin/")
# What a shopper changes without a token in the page.
STOREFRONT = {
    "/basket/line/",
    "/basket/lines/",
    "/basket/pick-up/",
    "/checkout/",
    "/checkout/contact/",
    "/checkout/order/",
    "/order/rye/cancellation/",
}


@pytest.fixture
def paths() -> list[str]:
    return sorted(set(every_path(get_resolver())))


def post(path: str, headers: dict[str, str]) -> int:
    return Client(enforce_csrf_checks=True).post(path, headers=headers).status_code


def not_refused(paths: list[str], headers: dict[str, str]) -> set[str]:
    return {path for path in paths if post(path, headers) != 403}


def test_there_are_paths_to_walk(paths):
    assert len([path for path in paths if path.startswith(STAFF)]) > 50
    assert set(paths) >= STOREFRONT


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_every_foreign_post_is_refused(paths, headers):
    assert not_refused(paths, headers) == set()


@pytest.mark.parametrize("headers", OURS, ids=str)
def test_our_own_pages_need_no_token_exactly_where_shoppers_change_things(
    paths, headers
):
    assert not_refused(paths, headers) == STOREFRONT
