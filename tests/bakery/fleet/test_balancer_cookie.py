"""Who issues the basket's cookie, asked of a real HAProxy; each answer is one's own."""

from __future__ import annotations

import http.client
import re

import pytest

from basket import tokens
from tests.bakery.fleet.fronted import PUBLIC
from tests.processes import wait_until
from tests.story.crowd import at_once

GIVEN = re.compile(
    r"basket=([0-9a-f]{32})\.([0-9a-f]{64})"
    r"; HttpOnly; Max-Age=15552000; Path=/; SameSite=Lax"
)


def cookies(answer: http.client.HTTPResponse) -> list[str]:
    return answer.headers.get_all("Set-Cookie", [])


def token_in(answer: http.client.HTTPResponse) -> str:
    """Of the one cookie that the answer brings, as a clone reads it."""
    [line] = cookies(answer)
    assert GIVEN.fullmatch(line), line
    token = tokens.read(line.partition("=")[2].partition(";")[0])
    assert token
    return token


def someone() -> str:
    return f"basket={tokens.sign(tokens.new_token())}"


# --- pages for everybody ------------------------------------------------------------


def test_a_new_visitors_page_fills_the_cache_for_the_next_one(balancer, clone):
    first, second = balancer.get("/"), balancer.get("/")
    assert len(clone.asked) == 1
    assert second.headers["X-Served-By"] == "cache"
    assert token_in(first) != token_in(second)
    for answer in (first, second):
        assert answer.headers["Cache-Control"] == "private, no-cache"


def test_what_is_stored_has_nobodys_cookie(balancer, clone):
    token_in(balancer.get("/"))
    known = balancer.get("/", Cookie=someone())
    assert known.headers["X-Served-By"] == "cache"
    assert cookies(known) == []
    assert known.headers["Cache-Control"] == PUBLIC["Cache-Control"]
    assert len(clone.asked) == 1


@pytest.mark.parametrize("kept", [False, True], ids=["miss", "hit"])
def test_many_new_visitors_at_once_get_a_basket_each(balancer, clone, kept):
    if kept:
        balancer.get("/")
    else:
        clone.answers["Cache-Control"] = "public, max-age=0, s-maxage=0"
    asked = len(clone.asked)
    outcome: list[http.client.HTTPResponse] = []

    def visit(_: int) -> http.client.HTTPResponse:
        answer = balancer.get("/")
        outcome.append(answer)
        return answer

    at_once(100, visit, threads=10)
    assert len({token_in(answer) for answer in outcome}) == len(outcome) == 100
    assert len(clone.asked) - asked == (0 if kept else 100)


@pytest.mark.parametrize("kept", [False, True], ids=["miss", "hit"])
def test_who_kept_the_page_but_lost_the_cookie_gets_both_again(balancer, clone, kept):
    if kept:
        balancer.get("/")
    answer = balancer.get("/", If_None_Match=PUBLIC["ETag"])
    assert answer.status == 200
    assert token_in(answer)
    assert {asked["If-None-Match"] for asked in clone.asked} == {None}


def test_who_has_page_and_cookie_is_told_so_by_the_cache(balancer, clone):
    balancer.get("/")
    asked = {"If_None_Match": PUBLIC["ETag"], "Cookie": someone()}
    answer = balancer.get("/", **asked)
    assert (answer.status, cookies(answer), len(clone.asked)) == (304, [], 1)


# --- what the clone is told ---------------------------------------------------------


def test_the_clone_is_told_by_a_mark_that_proves_the_key(balancer, clone, settings):
    balancer.get("/")
    assert tokens.is_mark_of_balancer(clone.mark)
    settings.SECRET_KEY = "another"
    assert not tokens.is_mark_of_balancer(clone.mark)


def test_the_mark_is_shown_to_nobody(balancer, clone):
    answer = balancer.get("/")
    assert clone.mark not in str(answer.headers)


@pytest.mark.parametrize(
    ("method", "cookie"), [("GET", True), ("POST", True), ("POST", False)]
)
def test_a_client_cannot_write_the_mark(balancer, clone, method, cookie, key):
    """Not even one who has found out how it reads."""
    clone.answers = {"Content-Type": "text/html", "Cache-Control": "private"}
    claimed = {tokens.BALANCER_HEADER: tokens.mark_of_balancer(key)}
    claimed |= {"Cookie": someone()} if cookie else {}
    balancer.get("/", method, **claimed)
    assert clone.mark is None


# --- what the balancer leaves to the clone -------------------------------------------


def test_a_clone_that_issues_the_cookie_itself_has_the_last_word(balancer, clone):
    """As one does whose key is another, or whose release is older."""
    clone.answers |= {"Set-Cookie": "basket=its-own", "Cache-Control": "private"}
    for _ in range(2):
        answer = balancer.get("/")
        assert cookies(answer) == ["basket=its-own"]
    assert len(clone.asked) == 2


def test_an_answer_with_a_cookie_is_not_stored_even_if_it_says_public(balancer, clone):
    clone.answers["Set-Cookie"] = "basket=its-own"
    for _ in range(2):
        assert cookies(balancer.get("/")) == ["basket=its-own"]
    assert len(clone.asked) == 2


@pytest.mark.parametrize(
    "told",
    [
        {"Cache-Control": "private, no-cache"},
        {"Cache-Control": "no-store"},
        {"Content-Type": "text/css"},
        {":status": "404"},
        {":status": "503"},
    ],
    ids=str,
)
def test_what_is_no_page_for_everybody_brings_no_cookie_of_the_balancer(
    balancer, clone, told
):
    clone.answers |= told
    for _ in range(2):
        assert cookies(balancer.get("/")) == []


def test_the_answer_to_a_change_brings_no_cookie_of_the_balancer(balancer):
    assert cookies(balancer.get("/", "POST")) == []


# --- the log -------------------------------------------------------------------------


def test_the_log_has_a_line_for_what_a_clone_answers_and_none_for_the_cache(
    balancer, clone, tmp_path
):
    for path in ("/first", "/first", "/second"):
        balancer.get(path)
    log = tmp_path / "balancer.log"
    assert wait_until(lambda: "/second" in log.read_text(), 5)
    lines = [line for line in log.read_text().splitlines() if "GET /" in line]
    assert [re.search(r"GET (/\w+)", line)[1] for line in lines] == [
        "/first",
        "/second",
    ]
