from __future__ import annotations

import pytest

from basket import tokens
from basket.backends.base import stores
from tests.basket.conftest import make_browser
from tests.basket.pages import PAGE

COOKIE = "basket"
SAME_FOR_ALL = "public, max-age=0, s-maxage=60"


def token_of(browser) -> str | None:
    return tokens.read(browser.cookies[COOKIE].value)


# --- the first page ----------------------------------------------------------------


def test_the_first_page_brings_the_cookie_and_asks_no_database(shopper):
    response = shopper.get("/")
    cookie = response.cookies[COOKIE]
    assert tokens.read(cookie.value)
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"
    assert cookie["domain"] == ""
    assert cookie["max-age"] == 180 * 24 * 3600
    assert not cookie["secure"]
    assert response.content.decode() == PAGE


def test_over_https_the_cookie_is_secure_and_bound_to_the_host(shopper, settings):
    settings.HTTPS = True
    settings.BASKET_COOKIE_NAME = "__Host-basket"
    cookie = shopper.get("/", secure=True).cookies["__Host-basket"]
    assert cookie["secure"] is True
    assert (cookie["path"], cookie["domain"]) == ("/", "")


def test_a_response_with_the_cookie_is_kept_by_no_shared_cache(shopper):
    assert shopper.get("/")["Cache-Control"] == "private, no-cache"


def test_a_page_that_nobody_may_store_stays_so(shopper):
    assert shopper.get("/secret/")["Cache-Control"] == "no-store"


def test_every_new_shopper_gets_a_token_of_their_own(small_shop):
    browsers = [make_browser() for _ in range(20)]
    for browser in browsers:
        browser.get("/")
    assert len({token_of(browser) for browser in browsers}) == 20


@pytest.mark.parametrize("path", ["/gone/", "/data/", "/file/", "/staff/", "/admin/"])
def test_what_is_no_shoppers_page_brings_no_cookie(shopper, path):
    response = shopper.get(path)
    assert COOKIE not in response.cookies
    assert "private" not in response.get("Cache-Control", "")


def test_head_and_a_redirect_bring_no_cookie(shopper):
    assert COOKIE not in shopper.head("/").cookies
    assert COOKIE not in shopper.get("/gone").cookies


def test_who_kept_the_page_but_lost_the_cookie_gets_both_again(shopper):
    etag = shopper.get("/")["ETag"]
    shopper.cookies.clear()
    response = shopper.get("/", headers={"if-none-match": etag})
    assert response.status_code == 200
    assert COOKIE in response.cookies


# --- behind a balancer that issues it ------------------------------------------------


def told_by_balancer(**headers: str) -> dict[str, str]:
    mark = tokens.mark_of_balancer(tokens.signing_key())
    return {tokens.BALANCER_HEADER: mark} | headers


def test_a_page_for_everybody_leaves_the_cookie_to_the_balancer(shopper):
    response = shopper.get("/", headers=told_by_balancer())
    assert response.cookies == {}
    assert response["Cache-Control"] == SAME_FOR_ALL
    assert response.content.decode() == PAGE


def test_every_other_page_brings_its_cookie_all_the_same(shopper):
    response = shopper.get("/secret/", headers=told_by_balancer())
    assert tokens.read(response.cookies[COOKIE].value)
    assert response["Cache-Control"] == "no-store"


def test_a_page_that_brings_another_cookie_brings_this_one_too(shopper):
    response = shopper.get("/greeted/", headers=told_by_balancer())
    assert response.cookies.keys() == {"greeted", COOKIE}
    assert response["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("forged", ["", "1", "true", "0" * 64])
def test_nobody_but_the_balancer_can_turn_the_cookie_off(shopper, forged):
    response = shopper.get("/", headers={tokens.BALANCER_HEADER: forged})
    assert COOKIE in response.cookies
    assert response["Cache-Control"] == "private, no-cache"


@pytest.mark.django_db
def test_a_change_brings_its_cookie_whatever_the_balancer_says(shopper):
    fields = {"item": "rye"}
    response = shopper.post("/add/", fields, headers=told_by_balancer())
    assert COOKIE in response.cookies


# --- the shopper who has one -------------------------------------------------------


def test_a_shopper_with_the_cookie_gets_the_page_as_it_is_for_all(shopper):
    shopper.get("/")
    response = shopper.get("/")
    assert response.cookies == {}
    assert response["Cache-Control"] == SAME_FOR_ALL
    assert "Vary" not in response
    assert response.content.decode() == PAGE
    second = make_browser()
    second.get("/")
    other = second.get("/")
    assert other.content == response.content
    assert dict(other.headers) == dict(response.headers)


def test_a_shopper_with_the_cookie_may_revalidate(shopper):
    etag = shopper.get("/")["ETag"]
    response = shopper.get("/", headers={"if-none-match": etag})
    assert response.status_code == 304
    assert response.cookies == {}


@pytest.mark.parametrize(
    "forged", ["", "x", "a" * 32, "a" * 32 + "." + "0" * 64, "é", "x" * 4_000]
)
def test_a_forged_cookie_is_treated_as_none(shopper, forged):
    shopper.cookies[COOKIE] = forged
    response = shopper.get("/")
    assert response.status_code == 200
    token = tokens.read(response.cookies[COOKIE].value)
    assert token
    assert token != forged[:32]


def test_using_the_basket_layer_costs_no_query_by_itself(shopper):
    # No database mark: any query would fail this test.
    shopper.get("/")
    assert shopper.get("/").status_code == 200


# --- changes -----------------------------------------------------------------------


@pytest.mark.django_db
def test_a_change_without_a_page_before_it_gets_a_basket_and_the_cookie(shopper):
    response = shopper.post("/add/", {"item": "rye"})
    assert response.status_code == 302
    assert response["Cache-Control"] == "private, no-cache"
    assert stores["default"].read(token_of(shopper)).pieces == 1
    assert shopper.get("/contents/").json() == {"rye": 1}


@pytest.mark.django_db
def test_a_change_renews_the_cookie_of_the_same_basket(shopper):
    shopper.get("/")
    token = token_of(shopper)
    response = shopper.post("/add/", {"item": "rye"})
    assert tokens.read(response.cookies[COOKIE].value) == token


@pytest.mark.django_db
def test_a_double_click_without_script_counts_once_and_a_second_press_twice(shopper):
    shopper.get("/")
    shopper.post("/add/", {"item": "rye"})
    pressed_with = shopper.cookies["badge"].value
    shopper.post("/add/", {"item": "rye"})
    assert shopper.get("/contents/").json() == {"rye": 2}
    shopper.cookies["badge"] = pressed_with
    shopper.post("/add/", {"item": "rye"})
    assert shopper.get("/contents/").json() == {"rye": 2}


@pytest.mark.django_db
def test_an_id_of_somebody_else_does_nothing_to_either(small_shop):
    first, second = make_browser(), make_browser()
    first.post("/add/", {"item": "rye", "operation": "their-own-id"})
    second.post("/add/", {"item": "bun", "operation": "their-own-id"})
    assert first.get("/contents/").json() == {"rye": 1}
    assert second.get("/contents/").json() == {"bun": 1}


# --- baskets that were ordered -----------------------------------------------------


def order(token: str) -> str:
    """Close the basket as an order does; where it leads."""
    store, following = stores["default"], tokens.next_token_of(token)
    version = store.read(token).version
    assert store.close(token, version=version, next_token=following)
    return following


@pytest.mark.django_db
def test_after_an_order_the_shopper_goes_on_with_the_next_basket(shopper):
    shopper.post("/add/", {"item": "rye"})
    second = order(token_of(shopper))
    stores["default"].add(second, "bun", 1, operation="in-another-tab")
    following = order(second)
    response = shopper.get("/contents/")
    assert response.json() == {}
    assert token_of(shopper) == following
    assert response["Cache-Control"] == "private, no-cache"
    assert shopper.get("/contents/").cookies == {}


@pytest.mark.django_db
def test_a_change_on_its_way_while_the_order_came_lands_in_the_next_basket(shopper):
    shopper.post("/add/", {"item": "rye", "operation": "before-the-order"})
    ordered = token_of(shopper)
    following = order(ordered)
    shopper.post("/add/", {"item": "bun", "operation": "after-the-order"})
    assert token_of(shopper) == following
    assert stores["default"].read(following).line("bun").quantity == 1
    assert stores["default"].read(ordered).line("bun") is None


@pytest.mark.django_db
def test_a_repeat_that_comes_after_the_order_does_not_fill_the_next_basket(shopper):
    shopper.post("/add/", {"item": "rye", "operation": "before-the-order"})
    following = order(token_of(shopper))
    shopper.post("/add/", {"item": "rye", "operation": "before-the-order"})
    assert stores["default"].read(following).version == 0
