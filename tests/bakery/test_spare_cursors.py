"""A connection keeps cursors for its next statements, each for one at a time."""

from __future__ import annotations

import psycopg
import pytest
from django.db import connection
from django.db.utils import DatabaseError, InterfaceError

from bakery.postgresql.prepared import MARK
from bakery.postgresql.spare import MOST_ROWS

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="PostgreSQL only"),
]
QUESTIONS = ["SELECT %s::int", f"{MARK} SELECT %s::int"]
each_kind = pytest.mark.parametrize("question", QUESTIONS, ids=["plain", "marked"])


@pytest.fixture
def database():
    """One with a pool of its own, as web servers have it."""
    copy = connection.copy()
    copy.settings_dict["OPTIONS"] = copy.settings_dict["OPTIONS"] | {"pool": POOL}
    copy.alias = "spare cursors"
    yield copy
    copy.close()
    copy.close_pool()


POOL = {"min_size": 1, "max_size": 1}


def ask(cursor, question: str, number: int) -> psycopg.Cursor:
    """What psycopg asked with."""
    cursor.execute(question, [number])
    return cursor.cursor


@each_kind
def test_the_next_statement_has_the_cursor_of_the_last(database, question):
    with database.cursor() as first:
        used = ask(first, question, 1)
    with database.cursor() as second:
        assert ask(second, question, 2) is used
        assert second.fetchall() == [(2,)]


@each_kind
def test_it_is_kept_from_one_request_to_the_next(database, question):
    with database.cursor() as first:
        used = ask(first, question, 1)
    database.close()
    with database.cursor() as second:
        assert ask(second, question, 2) is used


@each_kind
def test_two_that_are_open_never_share_one(database, question):
    with database.cursor() as outer:
        ask(outer, question, 1)
        with database.cursor() as inner:
            ask(inner, question, 2)
            assert inner.fetchone() == (2,)
        assert outer.fetchone() == (1,)


@each_kind
def test_whoever_closes_twice_gives_back_once(database, question):
    with database.cursor() as twice:
        ask(twice, question, 1)
        twice.close()
    with database.cursor() as one, database.cursor() as another:
        assert ask(one, question, 1) is not ask(another, question, 2)


@each_kind
def test_a_closed_one_can_no_longer_be_used(database, question):
    with database.cursor() as cursor:
        ask(cursor, question, 1)
    with database.cursor() as next_one:
        ask(next_one, question, 2)
        with pytest.raises((InterfaceError, psycopg.InterfaceError), match="closed"):
            cursor.fetchone()
        assert next_one.fetchone() == (2,)


@each_kind
def test_one_that_failed_serves_the_next(database, question):
    with database.cursor() as first, pytest.raises(DatabaseError):
        ask(first, question.replace("::int", "::int / 0"), 1)
    with database.cursor() as second:
        ask(second, question, 2)
        assert second.fetchall() == [(2,)]


def test_a_long_answer_is_not_kept(database):
    with database.cursor() as cursor:
        cursor.execute(f"SELECT * FROM generate_series(0, {MOST_ROWS})")
        long = cursor.cursor
    assert long.closed
    with database.cursor() as cursor:
        assert ask(cursor, "SELECT %s::int", 1) is not long
