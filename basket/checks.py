"""System checks of the basket stores that settings name."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from basket.backends.base import stores
from basket.exceptions import InvalidBasketStore


@register("basket")
def check_stores(**kwargs: Any) -> list[CheckMessage]:
    """Every store can be made, and keeps what it has acknowledged."""
    aliases = sorted({"default", *getattr(settings, "BASKET_STORES", {})})
    return [message for alias in aliases for message in _check(alias)]


def _check(alias: str) -> list[CheckMessage]:
    try:
        store = stores[alias]
    except InvalidBasketStore as error:
        return [_unusable(alias, error)]
    return [] if store.durable else [_forgetful(alias)]


def _unusable(alias: str, error: InvalidBasketStore) -> Error:
    return Error(
        f"The basket store {alias!r} cannot be used: {error}",
        hint="Set BASKET_STORES[alias]['BACKEND'] to the dotted path of a store, such "
        "as 'basket.backends.database.DatabaseBasketStore'.",
        id="basket.E001",
    )


def _forgetful(alias: str) -> Warning:
    return Warning(
        f"The basket store {alias!r} may lose changes that it has acknowledged.",
        hint="Set BASKET_STORES to 'basket.backends.database.DatabaseBasketStore', "
        "which keeps baskets as safe as orders.",
        id="basket.W001",
    )
