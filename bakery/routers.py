"""Which database holds what: beside SQLite the shared cache has a file of its own."""

from __future__ import annotations

from typing import Any

from django.conf import settings

CACHE = "cache"
CACHE_APP = "django_cache"  # what Django calls the owner of a cache's table


class CacheRouter:
    """Sends the shared cache's table to the database named "cache", if there is one.

    Nothing else is ever put there, and where there is none every table is in one
    database.
    """

    def db_for_read(self, model: type, **hints: Any) -> str | None:
        return _database_of(model._meta.app_label)

    def db_for_write(self, model: type, **hints: Any) -> str | None:
        return _database_of(model._meta.app_label)

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        if CACHE not in settings.DATABASES:
            return None
        return (db == CACHE) == (app_label == CACHE_APP)


def _database_of(app_label: str) -> str | None:
    return CACHE if app_label == CACHE_APP and CACHE in settings.DATABASES else None
