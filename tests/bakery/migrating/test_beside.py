"""Indexes and constraints come while the shop sells, if their migration asks for it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest
from django.db import (
    DatabaseError,
    IntegrityError,
    OperationalError,
    connection,
    migrations,
    models,
)
from django.db.backends.postgresql.schema import DatabaseSchemaEditor
from django.db.models.lookups import GreaterThan

from bakery.connecting import unpooled
from tests.bakery.migrating.bakehouse import migration, works, write_and_read
from tests.bakery.migrating.cases import BY_NUMBER, CHEAP, HARMLESS, NUMBER
from tests.processes import wait_until

on_postgresql = pytest.mark.skipif(
    os.environ.get("TEST_ENGINE") == "sqlite", reason="a matter of PostgreSQL"
)
PAUSE = 4711  # an advisory lock: while the test has it, reading the rows stands still


def paused(name: str) -> models.Func:
    return models.Func(
        models.F(name), function="oven_pause", output_field=models.IntegerField()
    )


TO_MANY = migration(HARMLESS["a new relation to many"])

READS_ALL_ROWS = {
    "an index": migrations.AddIndex(
        "loaf", models.Index(paused("number"), name="loaf_paused")
    ),
    "a constraint": migrations.AddConstraint(
        "loaf",
        models.CheckConstraint(
            condition=GreaterThan(paused("number"), -1), name="loaf_paused"
        ),
    ),
    "no doubles": migrations.AddConstraint(
        "loaf", models.UniqueConstraint(paused("number"), "id", name="loaf_paused")
    ),
}


@pytest.fixture
def pause(bakehouse) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            CREATE OR REPLACE FUNCTION oven_pause(number int) RETURNS int
            IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN
                IF current_setting('application_name') = 'migrating' THEN
                    PERFORM pg_advisory_xact_lock_shared({PAUSE});
                END IF;
                RETURN number;
            END $$
            """
        )
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION oven_pause CASCADE")


@contextmanager
def halfway(bakehouse, step) -> Iterator[list[Exception]]:
    """Inside it, the migration of another process has begun to read the rows."""
    failed: list[Exception] = []

    def migrate() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET application_name = 'migrating'")
            bakehouse.apply(step)
        except DatabaseError as error:
            failed.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=migrate)
    with held(f"SELECT pg_advisory_lock({PAUSE})"):
        thread.start()
        assert wait_until(lambda: waits("advisory") or failed)
        yield failed
    thread.join(20)


@contextmanager
def held(statement: str) -> Iterator[None]:
    """Another customer's connection, in the middle of a transaction."""
    other = unpooled()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute(statement)
            yield
    finally:
        other.close()


def waits(kind: str) -> bool:
    """Somebody of this database: other tests share the server."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid)"
            " WHERE locktype = %s AND NOT granted AND datname = current_database()",
            [kind],
        )
        return cursor.fetchone() is not None


@on_postgresql
@pytest.mark.django_db
def test_who_waits_in_another_database_is_not_taken_for_the_migration():
    url = f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/postgres"
    lock = f"SELECT pg_advisory_lock({PAUSE})"
    anybody = (
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    )
    with ThreadPoolExecutor(1) as threads, psycopg.connect(url) as first:
        first.execute(lock)
        with psycopg.connect(url) as second, psycopg.connect(url) as looking:
            second.execute("SET lock_timeout = '10s'")
            waiting = threads.submit(second.execute, lock)
            assert wait_until(lambda: looking.execute(anybody).fetchone())
            assert not waits("advisory")
            first.execute("SELECT pg_advisory_unlock_all()")
            waiting.result(10)


def sells(bakehouse) -> bool:
    """Whether the release before can write now; it waits half a second at most."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '500ms'")
    try:
        write_and_read(bakehouse.before)
    except OperationalError:
        return False
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")
    return True


@on_postgresql
@pytest.mark.parametrize("name", READS_ALL_ROWS)
def test_the_shop_sells_while_all_rows_are_read(bakehouse, pause, name):
    step = migration(READS_ALL_ROWS[name], atomic=False)
    with halfway(bakehouse, step) as failed:
        assert sells(bakehouse)
    assert failed == []
    assert is_valid("loaf_paused")


@on_postgresql
@pytest.mark.parametrize("name", READS_ALL_ROWS)
def test_control_in_a_usual_migration_the_shop_stands_still(bakehouse, pause, name):
    with halfway(bakehouse, migration(READS_ALL_ROWS[name])) as failed:
        assert not sells(bakehouse)
    assert failed == []
    assert is_valid("loaf_paused")


def is_valid(name: str) -> bool:
    """Whether the index or constraint is there, and true of all rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s) UNION"
            " SELECT convalidated FROM pg_constraint WHERE conname = %s",
            [name, name],
        )
        return cursor.fetchall() == [(True,)]


@on_postgresql
def test_it_waits_for_a_long_transaction_and_nobody_waits_behind_it(bakehouse):
    """Longer than statements of other migrations wait for a table."""
    done = []

    def migrate() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
            bakehouse.apply(migration(migrations.AddIndex("loaf", BY_NUMBER),
                                      atomic=False))  # fmt: skip
            cursor.execute("SHOW lock_timeout")
            done.append(cursor.fetchone()[0])
        connection.close()

    thread = threading.Thread(target=migrate)
    with held("UPDATE oven_loaf SET price = 1 WHERE number = 7"):
        thread.start()
        assert wait_until(lambda: waits("virtualxid"))
        time.sleep(0.3)  # three times its patience
        assert waits("virtualxid")
        assert sells(bakehouse)
    thread.join(20)
    assert done == ["100ms"]
    assert is_valid("loaf_by_number")


@on_postgresql
def test_what_was_interrupted_is_begun_again(bakehouse):
    """A double stops the index, which stays invalid; then the double is gone."""
    loaf = bakehouse.before.apps.get_model("oven", "loaf")
    double = loaf.objects.create(name="x", price=1, number=1)
    step = migration(migrations.AddConstraint("loaf", NUMBER), atomic=False)
    with pytest.raises(IntegrityError):
        bakehouse.apply(step)
    assert not is_valid("loaf_number")
    double.delete()
    bakehouse.apply(step)
    assert is_valid("loaf_number")
    bakehouse.apply(step)  # stopped before it was written down
    assert is_valid("loaf_number")


def stopped_at_its_end(bakehouse, editor: type) -> bool:
    """Whether a migration that met a lock with its last statement is really over.

    In a thread, whose connection nobody else gets.
    """
    before, after = bakehouse.before, bakehouse.after(TO_MANY)
    (operation,) = TO_MANY.operations
    over = []

    def migrate() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
        with pytest.raises(OperationalError), editor(connection) as tables:
            operation.database_forwards("oven", tables, before, after)
        over.append(not connection.in_atomic_block)
        connection.close()

    thread = threading.Thread(target=migrate)
    with held("LOCK TABLE oven_kind IN ROW EXCLUSIVE MODE"):
        thread.start()
        thread.join(20)
    return over == [True]


@on_postgresql
def test_a_lock_at_the_end_of_a_migration_leaves_no_transaction_open(bakehouse):
    assert stopped_at_its_end(bakehouse, connection.SchemaEditorClass)
    bakehouse.apply(TO_MANY)


@on_postgresql
def test_control_django_s_own_leaves_it_open(bakehouse):
    assert not stopped_at_its_end(bakehouse, DatabaseSchemaEditor)


@pytest.mark.parametrize("constraint", [NUMBER, CHEAP])
def test_constraints_hold_and_can_be_taken_back(bakehouse, constraint):
    """On either engine, and as Django knows them."""
    step = migration(migrations.AddConstraint("loaf", constraint), atomic=False)
    assert works(bakehouse.before)
    bakehouse.apply(step)
    assert not works(bakehouse.before)
    with connection.schema_editor(atomic=False) as editor:
        step.unapply(bakehouse.before.clone(), editor)
    assert works(bakehouse.before)


def test_indexes_come_and_go(bakehouse):
    step = migration(migrations.AddIndex("loaf", BY_NUMBER), atomic=False)
    bakehouse.apply(step)
    assert "loaf_by_number" in indexes()
    with connection.schema_editor(atomic=False) as editor:
        step.unapply(bakehouse.before.clone(), editor)
    assert "loaf_by_number" not in indexes()


def indexes() -> set[str]:
    with connection.cursor() as cursor:
        return set(connection.introspection.get_constraints(cursor, "oven_loaf"))
