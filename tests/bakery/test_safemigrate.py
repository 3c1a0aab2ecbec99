"""Migrations started by many servers at once end well on all of them."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.db.migrations.recorder import MigrationRecorder

from bakery.health import missing_migrations
from bakery.migrating import StillLocked, alone, migrate
from tests.processes import ROOT

SERVERS = 8


@pytest.fixture
def empty_database(tmp_path, django_db_blocker):
    """The URL of a database without a table, on the engine of this run."""
    url = os.environ["DATABASE_URL"]
    if url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    name = f"eight_servers_{os.getpid()}"  # the tests run in several processes
    with django_db_blocker.unblock(), connections["default"]._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    yield f"{url.rpartition('/')[0]}/{name}"
    with django_db_blocker.unblock(), connections["default"]._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def start(folder, url: str, *words: str) -> subprocess.Popen:
    variables = {"VAR_DIR": str(folder), "DATABASE_URL": url}
    return subprocess.Popen(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=os.environ | variables | {"DJANGO_SETTINGS_MODULE": "settings.prod"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ends_of_eight(folder, url: str, *words: str) -> list[tuple[int, str]]:
    """Eight at once: exit code and last words of each."""
    running = [start(folder, url, *words) for _ in range(SERVERS)]
    said = [process.communicate(timeout=120) for process in running]
    return [
        (process.returncode, out + err)
        for process, (out, err) in zip(running, said, strict=True)
    ]


@pytest.mark.slow
def test_eight_servers_migrate_at_once_and_all_end_well(tmp_path, empty_database):
    ends = ends_of_eight(tmp_path, empty_database, "safemigrate")
    assert [code for code, _ in ends] == [0] * SERVERS, ends
    assert all("The database is what this release needs." in said for _, said in ends)
    ready = start(tmp_path, empty_database, "safemigrate", "--dry-run")
    assert ready.communicate(timeout=60)[0] == ""


@pytest.mark.slow
@pytest.mark.skipif(
    os.environ.get("TEST_ENGINE") == "sqlite", reason="SQLite's own lock is enough"
)
def test_control_of_eight_that_migrate_at_once_some_crash(tmp_path, empty_database):
    """Django's own command, on PostgreSQL."""
    ends = ends_of_eight(tmp_path, empty_database, "migrate", "--verbosity=0")
    assert [code for code, _ in ends if code]


@pytest.mark.slow
def test_prepare_makes_the_shared_cache_in_its_own_place(tmp_path, empty_database):
    prepare = start(tmp_path, empty_database, "prepare")
    said = prepare.communicate(timeout=120)
    assert prepare.returncode == 0, said
    code = (
        "from django.core.cache import caches; from django.db import connections;"
        "shared = caches['shared']; shared.set('a', 1); assert shared.get('a') == 1;"
        "assert not shared.add('a', 2) and shared.add('b', 2);"
        "print([(alias, 'shared_cache' in connections[alias].introspection.table_names("
        ")) for alias in connections])"
    )
    said = start(tmp_path, empty_database, "shell", "--no-imports", "-c", code)
    out, err = said.communicate(timeout=60)
    split = [("default", False), ("cache", True)]
    whole = [("default", True)]
    assert out.strip() == str(whole if "postgres" in empty_database else split), err


@pytest.mark.django_db(transaction=True)
def test_only_one_is_let_in_at_a_time():
    inside = threading.Barrier(2)
    leave = threading.Event()

    def first() -> None:
        try:
            with alone(5, print):
                inside.wait()
                leave.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    inside.wait(20)
    told = []
    with pytest.raises(StillLocked), alone(0.5, told.append):
        pass
    assert told == ["Another process is migrating; waiting for it."]
    leave.set()
    thread.join()
    # The database gives the lock back a moment after the connection is closed.
    with alone(20, print):
        pass


@pytest.mark.django_db
def test_a_dry_run_lists_what_is_missing_and_changes_nothing(capsys):
    MigrationRecorder.Migration.objects.filter(app="bakery").delete()
    call_command("safemigrate", dry_run=True)
    assert capsys.readouterr().out.split() == missing_migrations() != []


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    os.environ.get("TEST_ENGINE") == "sqlite", reason="SQLite locks no tables"
)
def test_a_busy_table_is_left_to_the_shoppers_and_tried_again():
    """An open transaction of a shopper holds the table; it ends after a first try."""
    holds = threading.Barrier(2)
    tried = threading.Event()

    def shopper() -> None:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN; LOCK TABLE django_migrations IN SHARE MODE")
            holds.wait()
            tried.wait(20)
            cursor.execute("ROLLBACK")
        connection.close()

    said = []

    def say(words: str) -> None:
        said.append(words)
        tried.set()

    MigrationRecorder.Migration.objects.filter(
        name="0003_logentry_add_action_flag_choices"
    ).delete()
    thread = threading.Thread(target=shopper)
    thread.start()
    holds.wait(20)
    migrate(say)
    thread.join()
    assert said[0] == "A table is in use; trying again."
    assert missing_migrations() == []
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone()[0] == "3s"


@pytest.mark.django_db(transaction=True)
def test_waiting_too_long_is_said_in_a_sentence():
    with alone(5, print), pytest.raises(CommandError, match="Nothing was changed"):
        call_command("safemigrate", wait=0.1)
