"""One account logs in many times at once, with full baskets.

Each race has its control: the same without the guard, at its worst moment.
"""

from __future__ import annotations

import threading

import pytest
from django.core.cache import caches

from basket.backends.base import stores
from basket.basket import ShopperBasket
from basket.tokens import new_token, sign
from shop.accounts.baskets import aside_name, bring_basket, keep_basket, owner_name
from shop.models import User
from tests.races.crowd import all_at_once
from tests.shop.accounts.people import log_in, make_account
from tests.shop.make import make_user
from tests.shop.shopper import Shopper

pytestmark = pytest.mark.django_db(transaction=True)

LINES = 65
LOG_INS = 20


@pytest.fixture(autouse=True)
def no_limits_left():
    """Tests of this kind empty the models' tables, and the limits are in another."""
    caches["shared"].clear()
    yield
    caches["shared"].clear()


@pytest.fixture
def store():
    return stores["default"]


def full_basket(store, lines: int = LINES, prefix: str = "bread") -> str:
    token = new_token()
    for number in range(lines):
        store.add(token, f"{prefix}-{number}", 1, operation=f"add-{number}")
    return token


def of_account(store, user: User) -> dict[str, int]:
    lines = store.read(store.token_of(owner_name(user))).lines
    return {line.item: line.quantity for line in lines}


def each_once(prefix: str = "bread", lines: int = LINES) -> dict[str, int]:
    return {f"{prefix}-{number}": 1 for number in range(lines)}


def test_20_log_ins_with_the_same_65_lines_bring_each_in_once(store):
    user, token = make_user(), full_basket(store)
    all_at_once(
        lambda n: bring_basket(ShopperBasket(sign(token)), user),
        LOG_INS,
        threads=LOG_INS,
    )
    assert of_account(store, user) == each_once()


def test_20_log_ins_into_an_accounts_basket_bring_each_in_once(store):
    user, token = make_user(), full_basket(store)
    mine = full_basket(store, 5, "mine")
    bring_basket(ShopperBasket(sign(mine)), user)
    all_at_once(
        lambda n: bring_basket(ShopperBasket(sign(token)), user),
        LOG_INS,
        threads=LOG_INS,
    )
    assert of_account(store, user) == each_once() | each_once("mine", 5)


def test_20_devices_that_log_in_at_once_are_one_basket_with_all_lines(store):
    user = make_user()
    tokens = [full_basket(store, 3, f"device-{n}") for n in range(LOG_INS)]
    all_at_once(
        lambda n: bring_basket(ShopperBasket(sign(tokens[n])), user),
        LOG_INS,
        threads=LOG_INS,
    )
    wanted = {}
    for number in range(LOG_INS):
        wanted |= each_once(f"device-{number}", 3)
    assert of_account(store, user) == wanted
    ends = {_end_of(token) for token in tokens}
    assert ends == {store.token_of(owner_name(user))}


def test_log_ins_by_the_page_bring_each_line_in_once(store):
    make_account("ssoni@example.com")
    token = full_basket(store)

    def press(number: int) -> int:
        browser = Shopper(REMOTE_ADDR=f"203.0.{number}.1")
        browser.cookies["basket"] = sign(token)
        return log_in(browser, "ssoni@example.com").status_code

    assert all_at_once(press, LOG_INS, threads=10) == [302] * LOG_INS
    assert of_account(store, User.objects.get()) == each_once()


def test_log_ins_in_checkout_and_elsewhere_at_once_lose_nothing(store):
    user = make_user()
    bring_basket(ShopperBasket(sign(full_basket(store, 4, "before"))), user)
    buying, browsing = full_basket(store, 4, "buying"), full_basket(store, 4, "more")

    def press(number: int) -> None:
        if number % 2:
            keep_basket(ShopperBasket(sign(buying)), user)
        else:
            bring_basket(ShopperBasket(sign(browsing)), user)

    all_at_once(press, 8, threads=8)
    bring_basket(ShopperBasket(sign(buying)), user)
    assert store.token_of(aside_name(user)) is None
    assert of_account(store, user) == (
        each_once("before", 4) | each_once("buying", 4) | each_once("more", 4)
    )


def test_control_adding_line_by_line_what_was_read_doubles(store):
    """What a log-in without the merge would do: read one basket, add to the other."""
    user, token = make_user(), full_basket(store, 3)
    bring_basket(ShopperBasket(sign(new_token())), user)
    into = store.token_of(owner_name(user))
    have_read = threading.Barrier(4)

    def naive(number: int) -> None:
        lines = store.read(token).lines
        have_read.wait()
        for line in lines:
            store.add(into, line.item, line.quantity, operation=f"{number}-{line.item}")

    all_at_once(naive, 4, threads=4)
    assert of_account(store, user) == {f"bread-{n}": 4 for n in range(3)}


def _end_of(token: str) -> str:
    basket = ShopperBasket(sign(token))
    return basket.contents().token
