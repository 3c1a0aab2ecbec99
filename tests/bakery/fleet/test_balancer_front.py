"""What the balancer does before a clone is asked, and what it tells the clone then."""

from __future__ import annotations

import re

import pytest

from basket import tokens
from tests.bakery.fleet.fronted import PUBLIC, ask

FORGED = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "evil.example",
    "X-Real-IP": "203.0.113.9",
    "Forwarded": "for=203.0.113.9",
}
MADE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
FEW = 5  # requests in ten seconds


# --- what the clone is told -----------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_a_clone_is_told_the_visitors_address_and_not_what_they_claim(
    balancer, clone, method
):
    balancer.get("/", method, **FORGED)
    [asked] = clone.asked
    told = {name: asked.get_all(name) for name in FORGED}
    nothing = dict.fromkeys(FORGED)
    assert told == nothing | {
        "X-Forwarded-For": ["127.0.0.1"],
        "X-Forwarded-Proto": ["http"],
    }


def test_each_request_of_a_clone_has_an_id_and_a_good_one_is_kept(balancer, clone):
    own = "0123456789abcdef" * 2
    for given in ({}, {"X-Request-ID": "not an id"}, {"X-Request-ID": own}):
        balancer.get("/", "POST", **given)
    first, second, third = (asked["X-Request-ID"] for asked in clone.asked)
    assert MADE.fullmatch(first)
    assert MADE.fullmatch(second)
    assert first != second
    assert third == own


def test_the_figures_are_asked_of_no_clone(balancer, clone):
    clone.answers = dict(PUBLIC)
    for path in ("/metrics", "/metrics/", "/%6detrics", "/metrics?x"):
        assert balancer.get(path).status == 404
    assert clone.asked == []


# --- what is kept ---------------------------------------------------------------------


@pytest.mark.parametrize("named", ["clone-1", "by another name"])
def test_a_kept_page_says_that_it_is_from_the_cache(balancer, clone, named):
    """And one that is not, who has made it: as the clone says, or as it is called."""
    if named != "clone-1":
        clone.answers["X-Served-By"] = named
    told = {"Cookie": "basket=" + "0" * tokens.COOKIE_LENGTH}
    asked = [told, told, told | {"If_None_Match": PUBLIC["ETag"]}, {}]
    answers = [balancer.get("/", **headers) for headers in asked]
    assert [answer.status for answer in answers] == [200, 200, 304, 200]
    served = [answer.headers.get_all("X-Served-By") for answer in answers]
    assert served == [[named], ["cache"], ["cache"], ["cache"]]
    assert len(clone.asked) == 1


@pytest.mark.parametrize(
    "path", ["/basket/", "/checkout/", "/order/1/", "/staff/", "/admin/", "/media/x"]
)
def test_what_may_be_somebodys_own_is_asked_of_a_clone_whatever_it_says(
    balancer, clone, path
):
    for _ in range(2):
        assert balancer.get(path).headers["X-Served-By"] == "clone-1"
    assert len(clone.asked) == 2


@pytest.mark.parametrize("method", ["HEAD", "POST"])
def test_only_reading_is_answered_from_the_cache(balancer, clone, method):
    balancer.get("/")
    assert balancer.get("/", method).headers["X-Served-By"] == "clone-1"
    assert len(clone.asked) == 2


# --- how often somebody may ask -------------------------------------------------------


def test_who_asks_too_often_on_one_connection_is_turned_away(balance, clone):
    """Pages from the cache count as well."""
    line = balance(requests_per_10s=FEW).line()
    answers = [ask(line, "/") for _ in range(FEW + 2)]
    line.close()
    assert [answer.status for answer in answers] == [200] * FEW + [429] * 2
    assert answers[-1].headers["Retry-After"] == "10"
    assert len(clone.asked) == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_connections_of_one_address_count_together(balance, clone, method):
    front = balance(requests_per_10s=FEW)
    statuses = [front.get("/", method).status for _ in range(FEW + 2)]
    assert statuses == [200] * FEW + [429] * 2
    assert len(clone.asked) == (1 if method == "GET" else FEW)
