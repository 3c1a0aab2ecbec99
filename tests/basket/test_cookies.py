"""The words are Django's, whatever the cookie says."""

from __future__ import annotations

import copy
import re
from http.cookies import CookieError

import pytest
from django.http import HttpResponse

from basket.cookies import WrittenCookie, set_cookie

FACTS = [
    {},
    {"max_age": 60},
    {"max_age": 15_552_000, "secure": True, "httponly": True, "samesite": "Lax"},
    {"max_age": 60, "path": "/basket/", "secure": False, "httponly": False},
]
VALUES = ["3.5.1999", "", "a b;c", 'say "bread"', "ä"]
SECONDS = re.compile(r"\d\d GMT")


def words(response: HttpResponse) -> str:
    """The headers, without the second that may have passed in between."""
    return SECONDS.sub("", response.cookies.output())


@pytest.mark.parametrize("facts", FACTS)
@pytest.mark.parametrize("value", VALUES)
def test_it_reads_as_djangos_own(value, facts):
    ours, djangos = HttpResponse(), HttpResponse()
    for once_more in ("bread", value):
        set_cookie(ours, "badge", once_more, **facts)
        djangos.set_cookie("badge", once_more, **facts)
    assert words(ours) == words(djangos)
    assert ours.cookies["badge"].value == value
    assert ours.cookies["badge"]["path"] == djangos.cookies["badge"]["path"]
    assert ours.cookies["badge"]["secure"] == djangos.cookies["badge"]["secure"]


def test_one_cookies_value_is_not_anothers():
    responses = [HttpResponse() for _ in range(3)]
    for number, response in enumerate(responses):
        set_cookie(response, "badge", str(number), max_age=60)
    assert [each.cookies["badge"].value for each in responses] == ["0", "1", "2"]
    assert [words(each)[:19] for each in responses] == [
        f"Set-Cookie: badge={number}" for number in range(3)
    ]


@pytest.mark.parametrize("fact", ["secure", "httponly"])
def test_a_fact_that_is_changed_afterwards_is_in_the_header(fact):
    response = HttpResponse()
    set_cookie(response, "badge", "1", max_age=60)
    assert fact not in words(response).lower()
    response.cookies["badge"][fact] = True
    assert fact in words(response).lower()


def test_it_can_be_taken_away_in_the_same_answer():
    ours, djangos = HttpResponse(), HttpResponse()
    set_cookie(ours, "badge", "1", max_age=60, samesite="Lax")
    djangos.set_cookie("badge", "1", max_age=60, samesite="Lax")
    for each in (ours, djangos):
        each.delete_cookie("badge", samesite="Lax")
    assert words(ours) == words(djangos)
    assert "Max-Age=0" in words(ours)


def test_a_copy_is_as_good():
    response = HttpResponse()
    set_cookie(response, "badge", "1", max_age=60)
    copied = copy.deepcopy(response.cookies)
    assert isinstance(copied["badge"], WrittenCookie)
    assert copied.output() == response.cookies.output()


@pytest.mark.parametrize("name", ["a b", "a;b", "path"])
def test_a_name_that_no_cookie_may_have_is_refused(name):
    with pytest.raises(CookieError):
        set_cookie(HttpResponse(), name, "1")
