from __future__ import annotations

import pytest
from django.http import HttpResponse

from basket.badge import Badge, read_badge, set_badge


def test_what_was_set_is_read_back(rf):
    response = HttpResponse()
    set_badge(response, version=7, pieces=3, total_cents=1_350)
    cookie = response.cookies["badge"]
    assert cookie.value == "7.3.1350"
    rf.cookies["badge"] = cookie.value
    assert read_badge(rf.get("/")) == Badge(version=7, pieces=3, total_cents=1_350)


def test_script_may_read_it_and_it_lives_as_long_as_the_basket(settings):
    response = HttpResponse()
    set_badge(response, version=1, pieces=1, total_cents=1)
    cookie = response.cookies["badge"]
    assert not cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"
    assert cookie["max-age"] == 180 * 24 * 3600
    assert not cookie["secure"]
    settings.HTTPS = True
    set_badge(response, version=1, pieces=1, total_cents=1)
    assert response.cookies["badge"]["secure"] is True


@pytest.mark.parametrize(
    "value",
    ["", "1", "1.2", "1.2.3.4", "a.b.c", "-1.2.3", "1.2.3 ", "٣.1.1", "9" * 5_000],
)
def test_a_broken_badge_counts_as_none(rf, value):
    request = rf.get("/")
    request.COOKIES["badge"] = value
    assert read_badge(request) == Badge(0, 0, 0)


def test_without_a_badge_all_is_zero(rf):
    assert read_badge(rf.get("/")) == Badge(0, 0, 0)
