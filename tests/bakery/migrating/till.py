"""Releases of an app with one table, and `safemigrate` between them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import override_settings
from django.utils import timezone

from bakery.models import ServerHeartbeat
from bakery.phases import forget_what_is_known

APP = "tests.bakery.migrating.counter.apps.CounterConfig"
M1, M2, M3, M4 = "m1_till", "m2_maybe_a_note", "m3_no_note", "m4_colour"


@contextmanager
def release(name: str) -> Iterator[None]:
    """As if this process ran that release of the app."""
    with override_settings(
        MIGRATION_MODULES={"counter": f"tests.bakery.migrating.counter.{name}"},
        RELEASE=name,
        CLONE_ID=f"clone-{name}",
    ):
        forget_what_is_known()
        try:
            yield
        finally:
            forget_what_is_known()


def safemigrate(*words: str) -> tuple[int, str]:
    """Its exit code and what it said, but for a wait: a lock on a file is held by every
    process that was just forked with it, until that one becomes another program."""
    said = io.StringIO()
    try:
        call_command("safemigrate", *words, stdout=said, stderr=said)
    except CommandError as error:
        return error.returncode, f"{_without_wait(said)}{error}"
    return 0, _without_wait(said)


def _without_wait(said: io.StringIO) -> str:
    return said.getvalue().replace(
        "Another process is migrating; waiting for it.\n", ""
    )


def had() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM django_migrations WHERE app = 'counter' ORDER BY id"
        )
        return [name for (name,) in cursor.fetchall()]


def works(statement: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError:
        return False
    return True


def old_code_works() -> bool:
    return works("INSERT INTO counter_till (note) VALUES ('x')")


def new_code_works() -> bool:
    return works("INSERT INTO counter_till DEFAULT VALUES")


def silence(clone: str) -> None:
    """That server stopped two minutes ago."""
    long_ago = timezone.now() - timedelta(minutes=2)
    assert ServerHeartbeat.objects.filter(clone=clone).update(seen_at=long_ago)
