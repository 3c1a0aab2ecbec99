"""The basket that a change tells of is the one that is read after it, or none."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager

import pytest
from django.db import connection

from basket.backends import database_statements
from basket.backends.base import Change
from basket.backends.database import DatabaseBasketStore
from tests.basket.store_contract import OTHER, T

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="PostgreSQL only"),
]
store = DatabaseBasketStore()
MOST_SECONDS = 5


def add(item: str, operation: str, **noted: object) -> Change:
    return store.add(T, item, 2, operation=operation, **noted)


def test_it_is_told_with_every_line_and_whatever_is_noted():
    told = [
        add("rye", "one", details={"seen_cents": 450}, facts={"day": "2030-01-02"}),
        add("bun", "two"),
        add("rye", "three", details={"seen_cents": 460}),
        store.put(T, "bun", 5, operation="four"),
        store.put(T, "cake", 1, operation="five", details={"sku": "cake"}),
    ]
    assert [each.contents.version for each in told] == [1, 2, 3, 4, 5]
    assert told[-1].contents == store.read(T)
    assert [line.item for line in told[2].contents.lines] == ["rye", "bun"]
    assert told[2].contents.line("rye").details == {"seen_cents": 460}
    assert told[0].contents.details == {"day": "2030-01-02"}


def test_it_is_that_of_nobody_else():
    store.add(OTHER, "rye", 7, operation="one")
    assert add("rye", "one").contents.pieces == 2


def test_a_repeat_tells_of_none():
    add("rye", "one")
    assert add("rye", "one").contents is None


def test_it_is_not_told_when_another_change_came_between():
    add("rye", "one")
    with somebody_adding("bun") as commit_when_waited_for:
        commit_when_waited_for.start()
        change = add("rye", "two")
        commit_when_waited_for.join()
    assert (change.version, change.quantity, change.contents) == (3, 4, None)
    assert [line.item for line in store.read(T).lines] == ["rye", "bun"]


@contextmanager
def somebody_adding(item: str):
    """Has changed the basket and not committed; the thread commits when it is to."""
    other = connection.copy()
    other.inc_thread_sharing()
    try:
        other.set_autocommit(False)
        facts = database_statements._facts(T, "theirs", item=item, quantity=1)
        with other.cursor() as cursor:
            cursor.execute(database_statements.ADD, facts | {"unless": ""})
        yield threading.Thread(target=commit_when_waited_for, args=(other,))
    finally:
        other.close()


def commit_when_waited_for(other) -> None:
    waiting = """SELECT count(*) FROM pg_locks
        WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"""
    until = time.monotonic() + MOST_SECONDS
    with other.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute(waiting)
            if cursor.fetchone()[0]:
                break
            time.sleep(0.01)
    other.commit()
