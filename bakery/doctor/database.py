"""Examines the database: it answers, tells the time, has room and every table."""

from __future__ import annotations

import time
from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper

from bakery.connecting import unpooled
from bakery.doctor.findings import Finding, State, Stopwatch, or_away
from bakery.health import missing_migrations
from bakery.pages.triggers import missing as missing_triggers
from bakery.phases import applied, missing_steps

MOST_SKEW_SECONDS = 1.0
START_IT = "Start the database, or set DATABASE_URL to where it is."


def examine_database(clones: int) -> Iterator[Finding]:
    """Findings about the shop's database; clones is how many servers share it."""
    database = unpooled()
    try:
        with or_away("database", START_IT, DatabaseError) as found:
            found.append(_answers(database))
            if database.vendor == "postgresql":
                found.append(_clock(database))
                found.append(_room(database, clones))
            found.append(_migrations())
            found.append(_triggers())
        yield from found
    finally:
        database.close()


def _answers(database: BaseDatabaseWrapper) -> Finding:
    database.ensure_connection()
    watch = Stopwatch()
    with database.cursor() as cursor:
        cursor.execute("SELECT 1")
    latency = str(watch)
    version = ".".join(str(number) for number in database.get_database_version())
    says = f"{database.display_name} {version} answers in {latency}"
    return Finding("database", State.OK, says)


def _clock(database: BaseDatabaseWrapper) -> Finding:
    """This server's clock against the database's, give or take half the way."""
    with database.cursor() as cursor:
        before = time.time()
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        there = cursor.fetchone()[0]
        here = (before + time.time()) / 2
    skew = abs(here - there)
    if skew <= MOST_SKEW_SECONDS:
        return Finding("clock", State.OK, f"{skew:.2f} s from the database's")
    return Finding(
        "clock",
        State.WRONG,
        f"{skew:.1f} s from the database's: cut-offs and holds differ by server",
        "Let both keep time by NTP: timedatectl set-ntp true.",
    )


def _room(database: BaseDatabaseWrapper, clones: int) -> Finding:
    """Every process of every server may fill its pool at the same moment."""
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('max_connections')::int"
            " - current_setting('superuser_reserved_connections')::int"
        )
        room = cursor.fetchone()[0]
    needed = connections_needed(clones)
    says = f"{clones} servers need up to {needed}, the database has {room}"
    if needed <= room:
        return Finding("connections", State.OK, says)
    return Finding(
        "connections",
        State.WRONG,
        says,
        "Raise max_connections of PostgreSQL, or lower WEB_CONCURRENCY or WEB_THREADS.",
    )


def connections_needed(clones: int) -> int:
    """At most: a pool for each web process, and for each server's worker and clock."""
    pool = settings.DATABASES["default"]["OPTIONS"].get("pool", {}).get("max_size", 4)
    return clones * (settings.WEB_CONCURRENCY + 2) * pool


def _migrations() -> Finding:
    missing = missing_migrations()
    if not missing:
        later = [str(step) for step in missing_steps(applied())]
        says = "all that this release needs are there"
        if later:
            says += f"; {', '.join(later)} may follow by safemigrate --contract"
        return Finding("migrations", State.OK, says)
    return Finding(
        "migrations",
        State.WRONG,
        f"{len(missing)} are missing, the first is {missing[0]}",
        "Run manage.py safemigrate.",
    )


def _triggers() -> Finding:
    """Without them a change would be on the pages only with the next minute."""
    missing = missing_triggers()
    if not missing:
        return Finding("pages", State.OK, "every change is seen within a second")
    return Finding(
        "pages",
        State.WRONG,
        f"changes of {', '.join(missing)} are seen late",
        "Run manage.py safemigrate: it puts the missing triggers in place.",
    )
