"""Rules for data: database, pictures, logs."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from django.conf import settings
from django.core.files.storage import FileSystemStorage, InMemoryStorage
from django.utils.module_loading import import_string

from bakery.checks.rules import Broken, named, register_rule


@register_rule
def the_database_is_shared() -> Iterator[Broken]:
    """A file on one machine is no database for several."""
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        yield Broken(
            "bakery.E005",
            "The database is a file on one server (SQLite).",
            "Set DATABASE_URL to a PostgreSQL that all servers reach, such as "
            "postgresql://user:password@db.internal:5432/bakery.",
        )


@register_rule
def pictures_are_shared() -> Iterator[Broken]:
    """A picture that staff upload to one server is seen through every other."""
    kind = import_string(settings.STORAGES["default"]["BACKEND"])
    is_local = issubclass(kind, FileSystemStorage | InMemoryStorage)
    if is_local and not settings.STORAGE_IS_SHARED:
        yield Broken(
            "bakery.E006",
            "Pictures are kept in a folder of one server.",
            "Set STORAGE_URL to s3://KEY:SECRET@host:port/bucket, or, if the folder "
            "is a mount that every server has, say so: file:////mnt/media?shared=1.",
        )


@register_rule
def logs_leave_the_server() -> Iterator[Broken]:
    """A log that dies with its server is missing when it is needed."""
    handlers = settings.LOGGING.get("handlers", {})
    found = [name for name, handler in handlers.items() if _is_file(handler)]
    if found:
        yield Broken(
            "bakery.E007",
            f"The log handler {named(found)} writes into files of one server.",
            "Let the handlers in LOGGING be logging.StreamHandler: what goes to "
            "stderr, the system's log collector takes from every server.",
        )


def _is_file(handler: dict) -> bool:
    kind = handler.get("class") or handler.get("()")
    if isinstance(kind, str):
        kind = import_string(kind)
    return isinstance(kind, type) and issubclass(kind, logging.FileHandler)
