"""A statement that is marked is planned once for a connection, and no other is."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import IntegrityError
from django.test.utils import CaptureQueriesContext

from bakery.pages.stamp import CATALOGUE_VERSION
from bakery.postgresql.prepared import MARK
from basket.backends import database_reading, database_statements
from settings.database import database

pytestmark = pytest.mark.django_db  # it is a database, if not the usual one

MARKED = f"{MARK} SELECT %s + 1"
OFTEN = 7  # more often than prepare_threshold
HOT = (
    CATALOGUE_VERSION,
    database_reading.READ,
    database_statements.ADD,
    database_statements.PUT,
    database_statements.TAKE_OUT,
    database_statements.REMEMBER,
)


def ask(connection, statement: str, times: int = OFTEN) -> list[int]:
    found = []
    for number in range(times):
        with connection.cursor() as cursor:
            cursor.execute(statement, [number])
            found.append(cursor.fetchone()[0])
    return found


def prepared(connection) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return [statement for (statement,) in cursor.fetchall()]


def test_a_marked_statement_is_planned_once(connect):
    connection = connect()
    assert ask(connection, MARKED) == [1, 2, 3, 4, 5, 6, 7]
    assert prepared(connection) == [MARKED.replace("%s", "$1")]


def test_any_other_statement_is_not(connect):
    connection = connect()
    assert ask(connection, "SELECT %s + 1") == [1, 2, 3, 4, 5, 6, 7]
    assert prepared(connection) == []


def test_none_is_where_the_url_forbids_it(connect):
    connection = connect("?prepare_threshold=None")
    assert ask(connection, MARKED) == [1, 2, 3, 4, 5, 6, 7]
    assert prepared(connection) == []


def test_it_counts_as_a_query_and_its_errors_are_djangos(connect):
    connection = connect()
    with CaptureQueriesContext(connection) as queries:
        ask(connection, MARKED)
    assert [each["sql"] for each in queries] == [MARKED] * OFTEN
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bun (n int UNIQUE)")
        cursor.execute("INSERT INTO bun VALUES (1)")
        with pytest.raises(IntegrityError):
            cursor.execute(f"{MARK} INSERT INTO bun VALUES (%s)", [1])


def test_a_plan_that_a_migration_made_old_is_made_anew(connect):
    connection, other = connect(), connect()
    give = f"{MARK} SELECT name FROM cake WHERE name <> %s::text"
    with other.cursor() as cursor:
        cursor.execute("CREATE TABLE cake (name varchar(5))")
        cursor.execute("INSERT INTO cake VALUES ('plum')")
    assert ask(connection, give) == ["plum"] * OFTEN
    with other.cursor() as cursor:
        cursor.execute("ALTER TABLE cake ALTER name TYPE varchar(9)")
    assert ask(connection, give) == ["plum"] * OFTEN
    assert len(prepared(connection)) == 1


@pytest.mark.parametrize("statement", HOT)
def test_what_nearly_every_press_asks_is_marked(statement):
    assert statement.startswith(MARK)


def test_options_of_the_url_count():
    found = database("postgresql://u@h/n?sslmode=require", Path("/tmp"))["OPTIONS"]
    assert found["sslmode"] == "require"
    assert "lock_timeout" in found["options"]
    assert found["pool"]
