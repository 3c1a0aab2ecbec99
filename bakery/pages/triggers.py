"""The triggers by which the database itself moves the stamp of the pages.

Code that saves, bulk updates, imports, the admin and plain SQL all count alike, and
the shop's own code knows nothing of it. They are put in place after every migrate, if
they are not there: SQLite loses those of a table that a migration makes anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connection, transaction

from bakery.models import PageChange
from bakery.pages.seen import DAY_OF_LIMIT, IS_TOLD_ANEW, LEFT, LIMITS, TABLES, WHAT


class Trigger(NamedTuple):
    """Found or wanted. The name has a digest of the statement: new ones replace old."""

    name: str
    table: str


def after_migrate(using: str, **kwargs: Any) -> None:
    """The receiver of post_migrate."""
    if using == DEFAULT_DB_ALIAS:
        install()


def install() -> None:
    """Put all of them in place, if they are not. Atomic, repeatable; else one query.

    Does nothing while tables are missing, as after a migration back to the beginning.
    """
    wanted, found = _wanted(), _found()
    tables = {*TABLES, LIMITS, PageChange._meta.db_table}
    if found == wanted.keys() or tables - set(connection.introspection.table_names()):
        return
    with transaction.atomic(), connection.cursor() as cursor:
        for trigger in found:
            on = f" ON {trigger.table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER {trigger.name}{on}")
        if connection.vendor == "postgresql":
            cursor.execute(FUNCTIONS)
        for trigger, statement in wanted.items():
            cursor.execute(f"CREATE TRIGGER {trigger.name} {statement}")


def missing() -> list[str]:
    """Tables with changes that no page would show at once. One query."""
    return sorted({trigger.table for trigger in _wanted().keys() - _found()})


def _wanted() -> dict[Trigger, str]:
    statements = _for_postgresql if connection.vendor == "postgresql" else _for_sqlite
    return {
        Trigger(f"pages_{_digest(FUNCTIONS + statement)}", table): statement
        for table, statement in statements()
    }


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()[:12]


def _found() -> set[Trigger]:
    with connection.cursor() as cursor:
        cursor.execute(FIND[connection.vendor])
        return {Trigger(*row) for row in cursor.fetchall()}


FIND = {
    "postgresql": "SELECT tgname, tgrelid::regclass::text FROM pg_trigger "
    "WHERE starts_with(tgname::text, 'pages_')",
    "sqlite": "SELECT name, tbl_name FROM sqlite_master "
    "WHERE type = 'trigger' AND name GLOB 'pages_*'",
}

# --- PostgreSQL: once for each statement, and a new row for each change --------------

_FUNCTION = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {condition} THEN
        INSERT INTO bakery_pagechange (day, amount)
        VALUES ({day}, 1 + floor(random() * 1000000000)::bigint);
    END IF;
    RETURN NULL;
END $$;
"""
FUNCTIONS = _FUNCTION.format(
    name="pages_changed", condition="true", day="NULL"
) + _FUNCTION.format(name="pages_limit_moved", condition=IS_TOLD_ANEW, day=DAY_OF_LIMIT)


def _for_postgresql() -> Iterator[tuple[str, str]]:
    once = "FOR EACH STATEMENT EXECUTE FUNCTION pages_changed()"
    for table in TABLES:
        events = "INSERT OR UPDATE OR DELETE OR TRUNCATE"
        yield table, f"AFTER {events} ON {table} {once}"
    events = f"INSERT OR UPDATE OF {WHAT} OR DELETE OR TRUNCATE"
    yield LIMITS, f"AFTER {events} ON {LIMITS} {once}"
    each = "FOR EACH ROW EXECUTE FUNCTION pages_limit_moved()"
    yield LIMITS, f"AFTER UPDATE OF {LEFT} ON {LIMITS} {each}"


# --- SQLite: for each row, so one row is moved on; there is only one writer at a time -

_MOVE = """
BEGIN
    INSERT INTO bakery_pagechange (day, amount)
    SELECT {day}, 0 WHERE NOT EXISTS
        (SELECT 1 FROM bakery_pagechange WHERE day IS {day});
    UPDATE bakery_pagechange SET amount = amount + 1 + abs(random() % 1000000000)
    WHERE day IS {day};
END
"""


def _for_sqlite() -> Iterator[tuple[str, str]]:
    changed = _MOVE.format(day="NULL")
    for table in TABLES:
        for event in ("INSERT", "UPDATE", "DELETE"):
            yield table, f"AFTER {event} ON {table} {changed}"
    for event in ("INSERT", f"UPDATE OF {WHAT}", "DELETE"):
        yield LIMITS, f"AFTER {event} ON {LIMITS} {changed}"
    moved = _MOVE.format(day=DAY_OF_LIMIT)
    yield LIMITS, f"AFTER UPDATE OF {LEFT} ON {LIMITS} WHEN {IS_TOLD_ANEW} {moved}"
