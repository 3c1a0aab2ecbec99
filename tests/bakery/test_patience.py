"""A PostgreSQL that hangs is waited for so long and no longer."""

from __future__ import annotations

import time

import psycopg
import pytest
from psycopg.pq import TransactionStatus

from bakery.postgresql.patience import IDLE_SECONDS, Connection, lend, take_back


@pytest.fixture
def connection(server, monkeypatch):
    monkeypatch.setattr(Connection, "lent_seconds", 0.5)
    with Connection.connect(server.url, autocommit=True) as connection:
        yield connection
        server.thaw()


def test_an_answer_that_does_not_come_closes_the_connection(connection, server):
    lend(connection)
    server.freeze()
    began = time.monotonic()
    with pytest.raises(psycopg.OperationalError, match=r"no answer in 0\.5 seconds"):
        connection.execute("SELECT 1")
    assert time.monotonic() - began < 2
    assert connection.closed


def test_an_answer_in_time_is_an_answer(connection):
    lend(connection)
    assert connection.execute("SELECT pg_sleep(0.1), 7").fetchone()[1] == 7


def test_one_that_lives_says_so_and_is_as_before(connection):
    for _ in range(3):
        connection.ask()
    assert connection.info.transaction_status == TransactionStatus.IDLE
    assert connection.execute("SELECT 7").fetchone()[0] == 7


def test_one_whose_server_has_ended_it_is_told_from_the_others(connection, server):
    with psycopg.connect(server.url, autocommit=True) as another:
        pid = [connection.info.backend_pid]
        another.execute("SELECT pg_terminate_backend(%s, 5000)", pid)
    with pytest.raises(psycopg.OperationalError):
        connection.ask()


def test_commands_wait_as_long_as_it_takes(connection, monkeypatch):
    monkeypatch.setattr(Connection, "lent_seconds", None)
    lend(connection)
    seconds = IDLE_SECONDS + 0.3
    assert connection.execute("SELECT pg_sleep(%s), 7", [seconds]).fetchone()[1] == 7


def test_whether_one_lives_is_asked_for_a_moment_only(connection, server):
    lend(connection)
    take_back(connection)
    server.freeze()
    with pytest.raises(psycopg.OperationalError, match=f"in {IDLE_SECONDS} seconds"):
        connection.ask()
