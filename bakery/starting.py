"""What a server looks at before it takes customers; it never changes anything."""

from __future__ import annotations

import logging

from django.conf import settings
from django.core import checks
from django.db import DatabaseError

from bakery import draining, measures, preloading
from bakery.connecting import close_all
from bakery.health import missing_migrations

logger = logging.getLogger(__name__)


class MustNotStart(Exception):
    """This server would break the rules of its fleet; the message says which."""


def demand_golden_rule() -> None:
    """In a fleet: raise MustNotStart with every rule that this configuration breaks.

    A database that is away hides the rules about its rows; they are asked again by
    `check --database default` and `doctor`.
    """
    if not settings.FLEET:
        return
    found = checks.run_checks(databases=["default"])
    errors = [m for m in found if m.level >= checks.ERROR and not m.is_silenced()]
    if errors:
        sentences = "\n".join(
            f"  {error.id}: {error.msg}\n     {error.hint}" for error in errors
        )
        raise MustNotStart(
            f"This server does not start in the fleet {settings.FLEET!r}:\n{sentences}"
        )


def tell_missing_migrations() -> None:
    """Say so in the log; /ready sends customers elsewhere until they are there."""
    try:
        missing = missing_migrations()
    except DatabaseError:
        logger.warning("the database does not answer; starting all the same")
        return
    if missing:
        logger.error(
            "migrations are missing, /ready answers 503 until `manage.py safemigrate` "
            "has run migrations=%s",
            ",".join(missing),
        )


def before_first_fork() -> None:
    """All of it, for gunicorn's first process. Raises MustNotStart."""
    draining.begin_a_start()
    measures.begin_anew()
    try:
        demand_golden_rule()
        tell_missing_migrations()
    finally:
        close_all()
    preloading.preload()
    before_children()


def before_children() -> None:
    """The last moment of a process of one thread before it forks.

    Leaves no connection and no pool behind, so that no child shares one, and lets the
    children share what is loaded for as long as nobody changes it.
    """
    close_all()
    preloading.freeze()
