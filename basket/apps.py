"""Baskets as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class BasketConfig(AppConfig):
    name = "basket"
    verbose_name = "Baskets"

    def ready(self) -> None:
        # Importing registers them.
        from basket import checks  # noqa: F401
