"""The database store: the contract, and what it promises beyond."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from basket.backends.base import Change, Line
from basket.backends.database import SWEPT_AT_ONCE, DatabaseBasketStore
from basket.exceptions import BasketUnavailable, LineTooLarge
from basket.models import Basket, BasketLine, BasketOperation
from tests.basket.store_contract import NEXT, OTHER, StoreContract, T

on_postgresql = pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="PostgreSQL only: one statement"
)


@pytest.fixture
def store() -> DatabaseBasketStore:
    return DatabaseBasketStore()


@pytest.mark.django_db
class TestDatabaseStore(StoreContract):
    """Inside a caller's transaction, as every method must also work."""


@pytest.mark.django_db(transaction=True)
class TestDatabaseStoreOnItsOwn(StoreContract):
    """Without a transaction around it, as requests call it."""


def test_it_keeps_what_it_acknowledged(store):
    assert store.durable is True


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_every_change_is_one_statement(store):
    changes = [
        lambda: store.add(T, "rye", 2, operation="add"),
        lambda: store.add(T, "rye", 2, operation="add-more"),
        lambda: store.put(T, "bun", 1, operation="put-new"),
        lambda: store.put(T, "bun", 3, operation="put"),
        lambda: store.put(T, "bun", 0, operation="take-out"),
        lambda: store.remember(T, {"slot": 1}, operation="remember"),
        lambda: store.close(T, version=6, next_token=NEXT),
    ]
    for change in changes:
        with CaptureQueriesContext(connection) as queries:
            change()
        assert len(queries) == 1, queries.captured_queries
    assert store.read(T).lines == (Line("rye", 4),)


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_repeat_costs_two_statements(store):
    store.add(T, "rye", 2, operation="one")
    with CaptureQueriesContext(connection) as queries:
        assert store.add(T, "rye", 2, operation="one").repeated
    assert len(queries) == 2


@pytest.mark.django_db
def test_closing_is_one_statement_that_says_when_it_was(
    store, django_assert_num_queries
):
    store.add(T, "rye", 1, operation="one")
    long_ago = timezone.now() - timedelta(days=1)
    Basket.objects.update(changed_at=long_ago)
    with django_assert_num_queries(1):
        assert store.close(T, version=1, next_token=NEXT)
    closed = Basket.objects.get(token=T)
    assert timedelta(0) <= timezone.now() - closed.changed_at < timedelta(minutes=1)
    assert (closed.state, closed.version) == (Basket.State.ORDERED, 1)


@pytest.mark.django_db(transaction=True)
def test_reading_is_one_query_however_many_lines(store, django_assert_num_queries):
    for number in range(20):
        store.add(T, f"item-{number}", 1, operation=f"add-{number}")
    with django_assert_num_queries(1):
        assert store.read(T).pieces == 20
    with django_assert_num_queries(1):
        store.read(OTHER)


@pytest.mark.django_db(transaction=True)
def test_changes_belong_to_the_callers_transaction(store):
    store.add(T, "rye", 1, operation="one")
    with transaction.atomic():
        store.add(T, "rye", 1, operation="two")
        store.close(T, version=2, next_token=NEXT)
        transaction.set_rollback(True)
    assert store.read(T).version == 1
    assert store.read(T).state == "open"


@pytest.mark.django_db(transaction=True)
def test_a_refusal_does_not_spoil_the_callers_transaction(store):
    with transaction.atomic():
        store.add(T, "rye", 60, operation="one")
        with pytest.raises(LineTooLarge):
            store.add(T, "rye", 60, operation="two")
        assert store.add(T, "rye", 60, operation="one") == Change(1, 60, True)
        store.add(T, "rye", 1, operation="three")
    assert store.read(T).pieces == 61


@pytest.mark.django_db(transaction=True)
def test_rows_are_what_the_answers_say(store):
    store.add(T, "rye", 2, operation="one", details={"seen_cents": 450})
    basket = Basket.objects.get()
    assert (basket.token, basket.state, basket.version) == (T, "open", 1)
    assert abs(timezone.now() - basket.created_at) < timedelta(minutes=1)
    operation = BasketOperation.objects.get()
    assert (operation.operation, operation.version, operation.quantity) == ("one", 1, 2)


@pytest.mark.django_db
def test_a_change_touches_the_basket(store):
    store.add(T, "rye", 2, operation="one")
    long_ago = timezone.now() - timedelta(days=200)
    Basket.objects.update(changed_at=long_ago)
    store.remember(T, {"slot": 1}, operation="two")
    assert store.forget(untouched_for=timedelta(days=180)) == 0


@pytest.mark.django_db
def test_forgetting_removes_everything_of_an_old_basket_and_old_operations(store):
    store.add(T, "rye", 2, operation="one")
    store.add(OTHER, "rye", 2, operation="one")
    store.add(OTHER, "rye", 2, operation="two")
    long_ago = timezone.now() - timedelta(days=200)
    Basket.objects.filter(token=T).update(changed_at=long_ago)
    BasketOperation.objects.filter(operation="one").update(made_at=long_ago)
    assert store.forget(untouched_for=timedelta(days=180)) == 1
    assert list(Basket.objects.values_list("token", flat=True)) == [OTHER]
    assert BasketLine.objects.get().quantity == 4
    assert BasketOperation.objects.get().operation == "two"


@pytest.mark.django_db
def test_forgetting_goes_on_until_all_are_gone(store):
    Basket.objects.bulk_create(
        Basket(token=f"{number:032x}") for number in range(SWEPT_AT_ONCE + 1)
    )
    forgotten = store.forget(untouched_for=timedelta(minutes=-1))
    assert forgotten == SWEPT_AT_ONCE + 1
    assert Basket.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_database_that_does_not_answer_in_time_is_unavailable(store):
    store.add(T, "rye", 1, operation="one")
    with _somebody_holding_the_row(), _little_patience():
        with pytest.raises(BasketUnavailable):
            store.add(T, "rye", 1, operation="two")
        assert store.read(T).pieces == 1
    assert store.add(T, "rye", 1, operation="two") == Change(2, 2, False)


@contextmanager
def _somebody_holding_the_row():
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("BEGIN IMMEDIATE")
            else:
                other.set_autocommit(False)
                cursor.execute("SELECT id FROM basket_basket FOR UPDATE")
            yield
            cursor.execute("ROLLBACK")
    finally:
        other.close()


@contextmanager
def _little_patience():
    sqlite = connection.vendor == "sqlite"
    patience = "PRAGMA busy_timeout = {}" if sqlite else "SET lock_timeout = {}"
    with connection.cursor() as cursor:
        cursor.execute(patience.format(20))  # milliseconds
        yield
        cursor.execute(patience.format(3_000))
