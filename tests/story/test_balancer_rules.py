"""What the balancer promises, asked of a real one with real clones behind it."""

from __future__ import annotations

import secrets
import threading
import time
import urllib.request
from http.client import HTTPException

import pytest

from basket import tokens
from tests.processes import wait_until
from tests.story.conftest import answers
from tests.story.visitor import Visitor

BASKET = "__Host-basket"


def fresh_address() -> str:
    """A page that no cache can hold yet."""
    return f"/category/breads/?x={secrets.token_hex(6)}"


def from_cache(port: int, path: str, visitor: Visitor) -> object:
    """The page as the balancer's cache answers it; stored by a shopper before."""
    keeper = Visitor(port)
    keeper.get("/")
    for _ in range(20):
        keeper.get(path)
        answer = visitor.get(path)
        if answer.served_by == "cache":
            return answer
        visitor.cookies.clear()
    raise AssertionError("The balancer keeps no page.")


def test_a_page_for_everybody_is_answered_from_the_cache_without_cookies(fleet):
    path = fresh_address()
    shopper = Visitor(fleet.port)
    shopper.get("/")
    known = dict(shopper.cookies)
    keeper = Visitor(fleet.port, cookies=dict(known))
    first = keeper.get(path)
    assert first.served_by in fleet.clones
    assert "public" in first.headers["Cache-Control"]
    again = shopper.get(path)
    assert again.served_by == "cache"
    assert "Set-Cookie" not in again.headers
    assert again.text == first.text


def test_a_shopper_without_a_basket_gets_one_on_a_cached_page(fleet, settings):
    shopper = Visitor(fleet.port)
    answer = from_cache(fleet.port, fresh_address(), shopper)
    assert answer.headers["Cache-Control"] == "private, no-cache"
    settings.SECRET_KEY = fleet.secret_key
    token = tokens.read(shopper.cookies[BASKET])
    assert token is not None
    fields = {"sku": "milk-bread", "quantity": 1}
    assert shopper.post("/basket/lines/", fields).status == 303
    assert tokens.read(shopper.cookies[BASKET]) == token


def test_two_shoppers_are_never_given_the_same_basket(fleet):
    path = fresh_address()
    shoppers = [Visitor(fleet.port) for _ in range(40)]
    for shopper in shoppers:
        shopper.get(path)
    assert len({shopper.cookies[BASKET] for shopper in shoppers}) == 40


def test_new_visitors_fill_the_cache_and_nobodys_cookie_is_in_it(fleet):
    path = fresh_address()
    visitors = [Visitor(fleet.port) for _ in range(3)]
    answers = [each.get(path) for each in visitors]
    assert answers[0].served_by in fleet.clones
    assert "cache" in {each.served_by for each in answers}
    for answer in answers:
        [given] = answer.headers.get_all("Set-Cookie")
        assert given.startswith(f"{BASKET}=")
        assert "; Secure" in given
        assert answer.headers["Cache-Control"] == "private, no-cache"
    assert len({each.cookies[BASKET] for each in visitors}) == 3
    again = visitors[0].get(path)
    assert "Set-Cookie" not in again.headers
    assert "public" in again.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/basket/", "/account/log-in/", "/nothing/"])
def test_any_other_page_brings_at_most_one_basket_and_is_not_stored(fleet, path):
    baskets = set()
    for _ in range(2):
        visitor = Visitor(fleet.port)
        answer = visitor.get(path)
        assert answer.served_by in fleet.clones
        given = answer.headers.get_all("Set-Cookie", [])
        assert len([each for each in given if each.startswith(BASKET)]) == (
            answer.status == 200
        )
        baskets |= {visitor.cookies.get(BASKET)}
    assert len(baskets) == (2 if answer.status == 200 else 1)


@pytest.mark.parametrize("claim", ["1", "0" * 64])
def test_who_reaches_a_clone_directly_cannot_turn_the_cookie_off(fleet, claim):
    address = f"http://127.0.0.1:{fleet.clones['clone-1'].port}/"
    headers = {tokens.BALANCER_HEADER: claim, "X-Forwarded-Proto": "https"}
    request = urllib.request.Request(address, headers=headers)
    with urllib.request.urlopen(request) as answer:
        [given] = answer.headers.get_all("Set-Cookie")
    assert given.startswith(f"{BASKET}=")
    assert answer.headers["Cache-Control"] == "private, no-cache"


def test_a_forged_address_or_protocol_is_dropped(fleet):
    visitor = Visitor(fleet.port)
    answer = visitor.post(
        "/basket/lines/",
        {"sku": "milk-bread", "quantity": 1},
        **{
            "X-Forwarded-Proto": "http",
            "X-Forwarded-Host": "evil.example",
            "X-Forwarded-Port": "80",
            "Forwarded": "proto=http;host=evil.example",
        },
    )
    # Over what the app believes to be http, the page's own origin would be foreign.
    assert answer.status == 303
    assert answer.headers["Location"] == "/basket/"


@pytest.mark.parametrize("path", ["/metrics", "/metrics/", "/%6detrics", "/metrics?x"])
def test_the_figures_are_not_for_shoppers(fleet, path):
    answer = Visitor(fleet.port).get(path, at="clone-1")
    assert (answer.status, answer.headers["X-Release"]) == (404, None)


# --- sent again, or not -------------------------------------------------------------


@pytest.fixture
def frozen_then_killed(fleet):
    """Clone 1 takes a request, gives no answer, and dies; then it comes back."""

    def send(request) -> object:
        found = []
        fleet.clones["clone-1"].freeze()
        thread = threading.Thread(target=lambda: found.append(request()))
        thread.start()
        time.sleep(0.3)  # the request lies in the frozen clone now
        fleet.kill("clone-1")
        thread.join()
        return found[0]

    yield send
    fleet.start_clone("clone-1")
    assert wait_until(lambda: answers(fleet, "clone-1"), 60)


ADD = {"sku": "milk-bread", "quantity": 1}


def test_a_read_is_sent_to_another_clone(fleet, visitor, frozen_then_killed):
    answer = frozen_then_killed(lambda: visitor.get("/basket/", at="clone-1"))
    assert answer.status == 200
    assert answer.served_by in set(fleet.clones) - {"clone-1"}


def test_a_change_of_a_basket_is_sent_again(visitor, frozen_then_killed):
    """The same request derives the same operation id, so it is made once."""
    visitor.get("/")
    answer = frozen_then_killed(
        lambda: visitor.post("/basket/lines/", ADD, at="clone-1")
    )
    assert answer.status == 303
    assert visitor.cookies["badge"].split(".")[1] == "1"


ELSEWHERE = "/staff/login/"


@pytest.mark.parametrize("where", ["field", "header"])
def test_whatever_carries_an_operation_is_sent_again(
    where, fleet, visitor, frozen_then_killed
):
    operation = secrets.token_hex(8)
    fields = {"operation": operation} if where == "field" else {}
    headers = {} if where == "field" else {"X-Operation": operation}
    answer = frozen_then_killed(
        lambda: visitor.post(ELSEWHERE, fields, at="clone-1", **headers)
    )
    assert answer.status == 403  # it lacks Django's token
    assert answer.served_by in set(fleet.clones) - {"clone-1"}


def test_a_change_without_an_operation_is_not_sent_again(visitor, frozen_then_killed):
    def press() -> int:
        try:
            return visitor.post(ELSEWHERE, {}, at="clone-1").status
        except (OSError, HTTPException):
            return 0  # the balancer has closed the connection: the browser says so

    assert frozen_then_killed(press) in {0, 502, 503}
