from __future__ import annotations

import pytest
from django.db import connection

from basket import tokens
from basket.backends.base import Change, stores
from basket.basket import MAX_STEPS, ShopperBasket
from basket.exceptions import BasketUnavailable, LineTooLarge

T = "a" * 32


@pytest.fixture
def basket() -> ShopperBasket:
    return ShopperBasket(tokens.sign(T))


@pytest.mark.django_db
def test_contents_are_read_once_and_anew_after_a_change(
    basket, django_assert_num_queries
):
    with django_assert_num_queries(1):
        assert basket.contents().pieces == 0
        assert basket.contents().pieces == 0
    assert basket.add("rye", 2, operation="one") == Change(1, 2, False)
    # On PostgreSQL the change tells what the basket holds.
    with django_assert_num_queries(0 if connection.vendor == "postgresql" else 1):
        assert basket.contents().pieces == 2
    assert basket.put("rye", 1, operation="two") == Change(2, 1, False)
    assert basket.contents().pieces == 1
    assert basket.remember({"slot": 3}, operation="three") == Change(3, 0, False)
    assert basket.contents().details == {"slot": 3}


@pytest.mark.django_db
def test_a_refused_change_makes_no_cookie_due(basket):
    with pytest.raises(LineTooLarge):
        basket.add("rye", 100, operation="one")
    assert basket.cookie_is_due is False
    assert basket.contents().version == 0


def test_the_token_of_a_shopper_without_cookie_stays_the_same_in_one_request():
    basket = ShopperBasket(None)
    assert basket.has_cookie is False
    assert basket.cookie_is_due is False
    assert basket.token == basket.token
    assert basket.cookie_is_due is True


@pytest.mark.django_db
def test_an_endless_chain_of_orders_is_not_followed_for_ever(basket):
    store, token = stores["default"], T
    for _ in range(MAX_STEPS):
        store.add(token, "rye", 1, operation="one")
        following = tokens.next_token_of(token)
        assert store.close(token, version=1, next_token=following)
        token = following
    with pytest.raises(BasketUnavailable):
        basket.contents()
    with pytest.raises(BasketUnavailable):
        ShopperBasket(tokens.sign(T)).add("rye", 1, operation="two")
