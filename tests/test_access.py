"""Every address x every kind of person, from the URLconf; and nothing to be learned.

What belongs to somebody else is answered as what is not there, to the letter.
"""

from __future__ import annotations

import copy
import re
from typing import Any
from urllib.parse import quote

import pytest
from django.db import transaction
from django.test import Client

from shop.models import User
from shop.roles import BAKER, COUNTER, OWNER
from tests.access_matrix import ADMIN, PEOPLE, matrix
from tests.routes import (
    Things,
    arguments,
    confirm,
    customer_of,
    make_things,
    models_in_the_admin,
    patterns,
)
from tests.shop.make import make_user
from tests.shop.staffing import client_of, make_staff

pytestmark = pytest.mark.django_db

ROWS = matrix()
# The quick tests look with the eyes of these; the long ones with everybody's.
QUICK = {"anonymous", "other"}
EVERYBODY = [
    each if each in QUICK else pytest.param(each, marks=pytest.mark.slow)
    for each in PEOPLE
]
APP_LIST = re.compile(r"/admin/\^\(\?P<app_label>[\w|]+\)/\$")
# What differs between any two answers to the same question.
VARIES = [
    re.compile(rb'name="csrfmiddlewaretoken" value="\w+"'),
    re.compile(rb'name="operation" value="[\w-]+"'),
]
MAY = {200, 303, 400, 409, 422}
# The way on to a page of the admin, which then answers as that page.
LEADS_ON = re.compile(r"/admin/\w+/\w+/<path:object_id>/$")


@pytest.fixture
def things() -> Things:
    return make_things()


@pytest.fixture
def people(things) -> dict[str, User | None]:
    other = make_user(email="other@example.com", name="Mr Other")
    customer_of(other)
    staff = [make_staff(role) for role in (BAKER, COUNTER, OWNER)]
    for user in staff:
        confirm(user)
    return dict(zip(PEOPLE, [None, other, things.owner, *staff], strict=True))


def ask(client: Client, method: str, path: str) -> Any:
    """The answer; what it changed in the database and in the browser is undone."""
    cookies = copy.deepcopy(client.cookies)
    with transaction.atomic():
        answer = client.generic(method, path, headers={"sec-fetch-site": "same-origin"})
        if answer.streaming:
            answer.content = b"".join(answer.streaming_content)
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer


# --- the matrix --------------------------------------------------------------------


def named() -> list[str]:
    return [pattern for pattern in patterns() if not APP_LIST.fullmatch(pattern)]


def test_every_address_has_an_entry():
    assert [pattern for pattern in named() if pattern not in ROWS] == []


def test_no_entry_is_without_its_address():
    assert [pattern for pattern in ROWS if pattern not in named()] == []


def test_every_list_of_the_admin_is_in_the_table():
    assert sorted(models_in_the_admin()) == sorted(ADMIN)


def test_there_is_much_to_look_at():
    assert len(ROWS) > 180


@pytest.mark.parametrize("person", EVERYBODY)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_each_may_open_exactly_what_the_matrix_says(things, people, person, method):
    client = client_of(people[person])
    expected, found = {}, {}
    for pattern, by_method in ROWS.items():
        expected[pattern] = by_method[method == "POST"][person]
        found[pattern] = ask(client, method, things.path(pattern)).status_code
    differ = {
        pattern: (found[pattern], expected[pattern])
        for pattern in expected
        if found[pattern] != expected[pattern] and not _is_nowhere(things, pattern)
    }
    assert differ == {}


def _is_nowhere(things: Things, pattern: str) -> bool:
    """A list without a row in this test: its pages are those of missing rows."""
    return "<path:object_id>" in pattern and things.path(pattern) == things.missing(
        pattern
    )


@pytest.mark.parametrize("person", ["baker", "counter", "boss"])
def test_staff_without_a_second_factor_get_no_staff_page_at_all(people, things, person):
    client = Client()
    client.force_login(people[person])
    ways_out = {"/staff/login/", "/staff/logout/", "/admin/login/", "/admin/logout/"}
    opened = {
        pattern: answer.status_code
        for pattern in named()
        if pattern.startswith(("/staff/", "/admin/")) and pattern not in ways_out
        for method in ("GET", "POST")
        for answer in [ask(client, method, things.path(pattern))]
        if answer.status_code != 302 or not answer.url.startswith("/account/auth/2fa/")
    }
    assert opened == {}


# --- foreign is missing ------------------------------------------------------------


def secret_patterns() -> list[str]:
    """Addresses that name something that is not everybody's to see."""
    public = {"/category/<slug:slug>/", "/product/<slug:slug>/", "/media/<path:name>"}
    no_things = {"app_label", "url", "date"}
    return [
        pattern
        for pattern in named()
        if set(arguments(pattern)) - no_things and pattern not in public
    ]


def seen_by(answer: Any, path: str) -> dict[str, object]:
    """All that a person can see of an answer, but for the address asked for."""
    words = answer.content.replace(path.encode(), b"PATH")
    for varying in VARIES:
        words = varying.sub(b"", words)
    headers = {
        name: value.replace(path, "PATH").replace(quote(path, safe=""), "PATH")
        for name, value in answer.items()
        if name.lower() not in {"content-length", "etag", "expires"}
    }
    facts = {"status": answer.status_code, "cookies": tuple(sorted(answer.cookies))}
    return headers | facts | {"body": words}


def told_apart(
    client: Client, things: Things, person: str
) -> dict[tuple[str, str], Any]:
    """Where who may not open a thing can see that it is there."""
    found = {}
    for pattern in secret_patterns():
        if MAY & {row[person] for row in ROWS[pattern]} or LEADS_ON.fullmatch(pattern):
            continue
        for method in ("GET", "POST"):
            there, missing = things.path(pattern), things.missing(pattern)
            one = seen_by(ask(client, method, there), there)
            other = seen_by(ask(client, method, missing), missing)
            if one != other:
                found[method, pattern] = dict(one.items() ^ other.items())
    return found


@pytest.mark.parametrize("person", EVERYBODY)
def test_what_is_foreign_looks_as_what_is_missing(things, people, person):
    client = client_of(people[person])
    assert told_apart(client, things, person) == {}


def test_there_is_something_foreign_to_look_at():
    assert {arguments(pattern)[-1] for pattern in secret_patterns()} >= {
        "secret", "code", "line_id", "object_id", "pk", "id"
    }  # fmt: skip


def test_control_what_is_one_s_own_looks_different(things, people):
    """The comparison sees a difference where there is one."""
    client = client_of(people["owner"])
    pattern = "/account/orders/<str:code>/again/"
    there, missing = things.path(pattern), things.missing(pattern)
    one = seen_by(ask(client, "GET", there), there)
    assert one != seen_by(ask(client, "GET", missing), missing)


def test_a_wrong_secret_is_answered_like_any_address_that_is_not_there(things, client):
    """Not one letter off, and not by the order's code."""
    for secret in (things.order.secret[:-1], things.order.code, "x" * 43):
        path = f"/order/{secret}/"
        nowhere = "/there-is-no-such-page/"
        one = seen_by(client.get(path), path)
        other = seen_by(client.get(nowhere), nowhere)
        assert one["status"] == other["status"] == 404
        assert one["body"] == other["body"]
