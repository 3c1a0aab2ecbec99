"""Migrations that many servers may start at once: one migrates, the others wait.

Django's own `migrate` crashes when two of them begin together. Here a lock lets one
in after the other; whoever comes second finds nothing left to do. Statements wait 0.3 s
for a table and then let the shoppers go first: everybody waits behind a migration that
waits. It is also less than the second after which PostgreSQL looks for deadlocks and
might end the shopper's transaction in place of ours.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection

from bakery.connecting import unpooled
from bakery.contracting import Choice, Phase, choose, note_contracted
from bakery.phases import Step, applied, missing_steps

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.2
TRIES = 30
TABLE_IS_BUSY = {"55P03", "40P01"}  # lock_not_available, deadlock_detected

Say = Callable[[str], None]


class Lock(NamedTuple):
    """What only one server may do at a time."""

    number: int  # of the advisory lock in the shop's database
    file: str  # in VAR_DIR, for SQLite
    doing: str


MIGRATION = Lock(0xFADB, "migrate.lock", "migrating")


class StillLocked(Exception):
    """Another server has been doing it for longer than we wait."""


def migrate(
    say: Say, *, wait_seconds: float = 600, phase: Phase = Phase.ALL
) -> list[Step]:
    """Bring the database to this release and make the table of the shared cache.

    Returns the contract migrations that are left for later. Repeatable, on any number
    of servers at once. Raises StillLocked, OperationalError if a table stayed busy at
    every try, and what choose() raises; then nothing was changed.
    """
    with alone(wait_seconds, say), _patience():
        later = _until_tables_are_free(say, phase)
        note_contracted()
        call_command("createcachetable", database="default", verbosity=0)
        if "cache" in settings.DATABASES:
            call_command("createcachetable", database="cache", verbosity=0)
    return later


@contextlib.contextmanager
def alone(wait_seconds: float, say: Say, lock: Lock = MIGRATION) -> Iterator[None]:
    """No other server is in here at the same time. Raises StillLocked.

    The lock belongs to a connection (PostgreSQL) or an open file (SQLite): it ends
    with the process, however that ends.
    """
    kind = _advisory if connection.vendor == "postgresql" else _file
    with kind(lock) as taken:
        until = time.monotonic() + wait_seconds
        told = False
        while not taken():
            if time.monotonic() > until:
                raise StillLocked(
                    f"Another process has been {lock.doing} for {wait_seconds:.0f} s."
                )
            if not told:
                say(f"Another process is {lock.doing}; waiting for it.")
                told = True
            time.sleep(POLL_SECONDS)
        yield


@contextlib.contextmanager
def _advisory(lock: Lock) -> Iterator[Callable[[], bool]]:
    """A session's lock, on a connection of its own that migrations cannot close."""
    own = unpooled()

    def taken() -> bool:
        with own.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [lock.number])
            return cursor.fetchone()[0]

    try:
        yield taken
    finally:
        own.close()


@contextlib.contextmanager
def _file(lock: Lock) -> Iterator[Callable[[], bool]]:
    with Path(settings.VAR_DIR, lock.file).open("w") as file:

        def taken() -> bool:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

        yield taken


@contextlib.contextmanager
def _patience() -> Iterator[None]:
    """Little of it for tables that are in use, much for a long migration."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '300ms'")
        cursor.execute("SET statement_timeout = 0")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")
            cursor.execute("RESET statement_timeout")


def _until_tables_are_free(say: Say, phase: Phase) -> list[Step]:
    """Migrate; begin again where a busy table has stopped it, a few times."""
    tried = 0
    while True:
        tried += 1
        try:
            choice = choose(phase)
            _apply(choice)
            return choice.later
        except OperationalError as error:
            if tried == TRIES or not _table_is_busy(error):
                raise
        say("A table is in use; trying again.")
        time.sleep(random.uniform(0.5, 1.5))  # noqa: S311 - no secret, only not in step


def _table_is_busy(error: OperationalError) -> bool:
    return getattr(error.__cause__, "sqlstate", None) in TABLE_IS_BUSY


def _apply(choice: Choice) -> None:
    """Migrate what was chosen, and nothing else: nobody has judged the rest."""
    chosen = {step.name for step in choice.now}
    if chosen == {step.name for step in missing_steps(applied())}:
        call_command("migrate", interactive=False, verbosity=0)
        return
    # The last ones first: each brings along what it needs, which was chosen with it.
    for step in reversed(choice.now):
        # A target that is there already would take back what came after it.
        if step.name not in applied():
            call_command("migrate", *step.name, interactive=False, verbosity=0)
