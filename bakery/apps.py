"""The project as a Django app: fleet commands, checks, error pages."""

from django.apps import AppConfig


class BakeryConfig(AppConfig):
    name = "bakery"
    verbose_name = "Bakery"

    def ready(self) -> None:
        # Importing registers them.
        from bakery.checks import caches, data, keys, shoppers  # noqa: F401
