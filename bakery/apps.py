"""The project as a Django app: fleet commands, checks, error pages."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class BakeryConfig(AppConfig):
    name = "bakery"
    verbose_name = "Bakery"

    def ready(self) -> None:
        # Importing registers them.
        from bakery.checks import caches, data, keys, shoppers  # noqa: F401
        from bakery.login_limits import keep_limits_together
        from bakery.pages.triggers import after_migrate
        from bakery.thread_local import keep_by_thread

        keep_by_thread()
        keep_limits_together()
        post_migrate.connect(after_migrate, sender=self)
