"""A connection goes back to its pool at once, by whoever had it."""

from __future__ import annotations

import threading

import pytest

from bakery.postgresql.patience import IDLE_SECONDS

pytestmark = pytest.mark.django_db  # it is a database, if not the usual one


@pytest.fixture
def connection(connect):
    return connect()


def test_it_is_there_again_when_close_returns(connection):
    """Without another thread, which would take its turn from a request's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    lent = connection.connection
    ended_in = []
    connection.pool._return_connection = told(
        connection.pool._return_connection, ended_in
    )
    connection.close()
    assert ended_in == [threading.current_thread()]
    assert lent in connection.pool._pool


def test_whoever_has_it_not_is_patient_for_a_moment_only(connection):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    lent = connection.connection
    assert lent.seconds is None
    connection.close()
    assert lent.seconds == IDLE_SECONDS


def test_a_transaction_that_was_left_open_is_undone(connection):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE loaf (n int)")
    lent = connection.connection
    lent.autocommit = False
    lent.execute("INSERT INTO loaf VALUES (1)")
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM loaf")
        assert cursor.fetchone() == (0,)


def told(act, ended_in):
    def and_tell(*words, **named):
        ended_in.append(threading.current_thread())
        return act(*words, **named)

    return and_tell
