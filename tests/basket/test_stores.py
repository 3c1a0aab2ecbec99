from __future__ import annotations

import pytest
from django.core.checks import run_checks

from basket import checks
from basket.backends.base import BasketStore, BasketStoreHandler, stores
from basket.backends.database import DatabaseBasketStore
from basket.exceptions import InvalidBasketStore

DATABASE = "basket.backends.database.DatabaseBasketStore"


class ForgetfulStore(BasketStore):
    """Keeps nothing; durable is False unless a store says otherwise."""


def test_the_store_of_the_settings_is_made_once_and_with_its_options():
    assert isinstance(stores["default"], DatabaseBasketStore)
    assert stores["default"] is stores["default"]
    handler = BasketStoreHandler(
        {"default": {"BACKEND": DATABASE, "OPTIONS": {"using": "other"}}}
    )
    assert handler["default"].using == "other"


@pytest.mark.parametrize(
    "params",
    [
        {"BACKEND": "basket.backends.nowhere.Store"},
        {"BACKEND": "nowhere"},
        {"BACKEND": DATABASE, "OPTIONS": {"colour": "blue"}},
        {},
    ],
)
def test_a_store_that_cannot_be_made_says_which_one(params):
    handler = BasketStoreHandler({"default": params})
    with pytest.raises(InvalidBasketStore, match="BASKET_STORES\\['default'\\]"):
        handler["default"]


def test_an_alias_that_is_not_configured_is_refused():
    with pytest.raises(InvalidBasketStore):
        stores["nowhere"]


def test_the_base_class_promises_nothing():
    store = BasketStore()
    assert store.durable is False
    for call in (
        lambda: store.read("t"),
        lambda: store.add("t", "rye", 1, operation="one"),
        lambda: store.put("t", "rye", 1, operation="one"),
        lambda: store.remember("t", {}, operation="one"),
        lambda: store.merge("t", "u"),
        lambda: store.close("t", version=1, next_token="u"),
        lambda: store.token_of("u"),
        lambda: store.forget(untouched_for=None),
    ):
        with pytest.raises(NotImplementedError):
            call()


# --- checks ------------------------------------------------------------------------


@pytest.fixture
def with_stores(settings, monkeypatch):
    def use(configured):
        settings.BASKET_STORES = configured
        monkeypatch.setattr(checks, "stores", BasketStoreHandler())

    return use


def test_the_shops_own_stores_pass_the_checks():
    assert run_checks(tags=["basket"]) == []


def test_a_store_that_cannot_be_loaded_is_an_error(with_stores):
    with_stores({"default": {"BACKEND": "nowhere.Store"}})
    (message,) = run_checks(tags=["basket"])
    assert message.id == "basket.E001"
    assert "nowhere" in message.msg
    assert DATABASE in message.hint


def test_a_missing_default_store_is_an_error(with_stores):
    with_stores({"other": {"BACKEND": DATABASE}})
    (message,) = run_checks(tags=["basket"])
    assert message.id == "basket.E001"


def test_a_store_that_may_forget_is_a_warning(with_stores):
    with_stores({"default": {"BACKEND": f"{__name__}.ForgetfulStore"}})
    (message,) = run_checks(tags=["basket"])
    assert message.id == "basket.W001"
    assert DATABASE in message.hint
