"""A release adds before it comes, and takes away when nobody needs it any more."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import override_settings
from django.utils import timezone

from bakery import living
from bakery.health import missing_migrations
from bakery.models import Contracted, ServerHeartbeat
from bakery.phases import forget_what_is_known

pytestmark = pytest.mark.django_db(transaction=True)

APP = "tests.bakery.migrating.counter.apps.CounterConfig"
M1, M2, M3, M4 = "m1_till", "m2_maybe_a_note", "m3_no_note", "m4_colour"


@contextmanager
def release(name: str) -> Iterator[None]:
    """As if this process ran that release of the app."""
    with override_settings(
        MIGRATION_MODULES={"counter": f"tests.bakery.migrating.counter.{name}"},
        RELEASE=name,
        CLONE_ID=f"clone-{name}",
    ):
        forget_what_is_known()
        try:
            yield
        finally:
            forget_what_is_known()


@pytest.fixture(autouse=True)
def _counter() -> Iterator[None]:
    """Release one is everywhere: its tables are there, and one of its servers."""
    with override_settings(INSTALLED_APPS=[*settings.INSTALLED_APPS, APP]):
        with release("one"):
            call_command("safemigrate", stdout=io.StringIO())
            living.beat(living.WEB)
        yield
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE counter_till")
            cursor.execute("DELETE FROM django_migrations WHERE app = 'counter'")
    forget_what_is_known()


def safemigrate(*words: str) -> tuple[int, str]:
    """Its exit code and what it said."""
    said = io.StringIO()
    try:
        call_command("safemigrate", *words, stdout=said, stderr=said)
    except CommandError as error:
        return error.returncode, f"{said.getvalue()}{error}"
    return 0, said.getvalue()


def had() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM django_migrations WHERE app = 'counter' ORDER BY id"
        )
        return [name for (name,) in cursor.fetchall()]


def works(statement: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError:
        return False
    return True


def old_code_works() -> bool:
    return works("INSERT INTO counter_till (note) VALUES ('x')")


def new_code_works() -> bool:
    return works("INSERT INTO counter_till DEFAULT VALUES")


def silence(clone: str) -> None:
    """That server stopped two minutes ago."""
    long_ago = timezone.now() - timedelta(minutes=2)
    assert ServerHeartbeat.objects.filter(clone=clone).update(seen_at=long_ago)


def test_expand_brings_what_the_release_needs_and_both_releases_work(client):
    assert old_code_works()
    assert not new_code_works()
    with release("two"):
        code, said = safemigrate("--expand")
        assert (code, missing_migrations()) == (0, [])
        assert client.get("/ready").status_code == 200
    assert said.splitlines() == [
        "The database is what this release needs.",
        "For `safemigrate --contract`, later: counter.m3_no_note.",
    ]
    assert had() == [M1, M2]
    assert old_code_works()
    assert new_code_works()
    with release("one"):
        assert client.get("/ready").json()["status"] == "ready"


def test_expand_never_takes_away_even_if_nobody_needs_it():
    silence("clone-one")
    with release("two"):
        assert safemigrate("--expand")[0] == 0
    assert had() == [M1, M2]


def test_contract_waits_for_the_last_server_of_the_release_before():
    with release("two"):
        assert safemigrate("--expand")[0] == 0
        living.beat(living.WEB)
        code, said = safemigrate("--contract")
        assert code == 3
        assert said == (
            "counter.m3_no_note would take away what these servers still need: "
            "clone-one (web, release one). Nothing was changed."
        )
        assert had() == [M1, M2]
        assert old_code_works()
        silence("clone-one")
        assert safemigrate("--contract")[0] == 0
    assert had() == [M1, M2, M3]
    assert not old_code_works()
    assert new_code_works()
    assert list(Contracted.objects.values_list("pk", flat=True)) == [f"counter.{M3}"]


def test_a_clone_that_was_switched_hinders_nobody():
    """Its one row says the new release as soon as that answers."""
    with release("two"), override_settings(CLONE_ID="clone-one"):
        assert safemigrate("--expand")[0] == 0
        living.beat(living.WEB)
        assert safemigrate("--contract")[0] == 0
    assert had() == [M1, M2, M3]


def test_a_worker_of_the_release_before_counts_too():
    silence("clone-one")
    with release("one"):
        living.beat(living.WORK)
    with release("two"):
        code, said = safemigrate("--contract")
    assert code == 3
    assert "clone-one (work, release one)" in said
    assert had() == [M1]


def test_without_a_word_all_is_done_that_may_be():
    with release("two"):
        code, said = safemigrate()
        assert (code, had()) == (0, [M1, M2])
        assert "later: counter.m3_no_note" in said
        silence("clone-one")
        assert safemigrate() == (0, "The database is what this release needs.\n")
    assert had() == [M1, M2, M3]


def test_an_empty_database_gets_everything_at_once():
    silence("clone-one")
    with release("three"):
        assert safemigrate()[0] == 0
    assert had() == [M1, M2, M3, M4]


def test_a_release_that_comes_too_early_waits():
    """What it adds stands on what was taken away before: all must run two first."""
    with release("three"):
        for words in (["--expand"], []):
            code, said = safemigrate(*words)
            assert code == 3
            assert "clone-one (web, release one)" in said
            assert had() == [M1]
    with release("two"):
        assert safemigrate("--expand")[0] == 0
        living.beat(living.WEB)
    silence("clone-one")
    with release("three"):
        assert safemigrate("--expand")[0] == 0
    assert had() == [M1, M2, M3, M4]


@pytest.mark.parametrize("words", [["--expand"], ["--expand", "--dry-run"]])
def test_a_breaking_migration_is_refused_before_anything_is_changed(words):
    with release("broken"):
        code, said = safemigrate(*words)
    assert code == 4
    assert "counter.m2_no_note: Remove field note from till" in said
    assert "contract = True" in said
    assert had() == [M1]
    assert old_code_works()


def test_control_unjudged_it_breaks_the_servers_that_sell():
    with release("broken"):
        call_command("migrate", "counter", verbosity=0)
    assert not old_code_works()


def test_a_server_that_was_left_behind_takes_no_customers(client):
    silence("clone-one")
    with release("two"):
        assert safemigrate()[0] == 0
    with release("one"):
        answer = client.get("/ready")
        assert missing_migrations() == []
    assert answer.status_code == 503
    assert answer.json()["status"] == "outdated"
    assert answer.json()["migrations"] == ["counter.m3_no_note"]


def test_a_dry_run_lists_what_would_be_done():
    with release("two"):
        assert safemigrate("--expand", "--dry-run") == (0, f"counter.{M2}\n")
        assert safemigrate("--contract", "--dry-run")[0] == 3
        assert safemigrate("--dry-run") == (0, f"counter.{M2}\n")
    assert had() == [M1]


def test_the_plan_says_who_needs_what():
    with release("two"):
        code, said = safemigrate("--plan")
        document = json.loads(safemigrate("--plan", "--json")[1])
    assert (code, said.splitlines()) == (
        0,
        [
            "expand    counter.m2_maybe_a_note",
            "contract  counter.m3_no_note",
            "          still needed by clone-one (web, release one)",
        ],
    )
    assert document["release"] == "two"
    assert document["steps"] == [
        {"name": f"counter.{M2}", "contract": False, "needed_by": []},
        {
            "name": f"counter.{M3}",
            "contract": True,
            "needed_by": ["clone-one (web, release one)"],
        },
    ]
    assert document["refused"] == document["contracted"] == []
    (server,) = document["servers"]
    assert (server["clone"], server["release"]) == ("clone-one", "one")
    assert had() == [M1]


def test_the_plan_of_a_release_that_comes_too_late_says_so():
    silence("clone-one")
    with release("two"):
        safemigrate()
        assert json.loads(safemigrate("--plan", "--json")[1])["contracted"] == [
            f"counter.{M3}"
        ]
    with release("one"):
        said = safemigrate("--plan")[1]
    assert "too late  counter.m3_no_note took away" in said


def test_expand_and_contract_are_not_wanted_at_once():
    with pytest.raises(CommandError, match="not allowed with"):
        call_command("safemigrate", "--expand", "--contract")


def test_each_try_looks_again(monkeypatch):
    """A server of the release before that comes while we wait for a lock counts."""
    silence("clone-one")
    from bakery import migrating

    entered: list[Callable] = []
    alone = migrating.alone

    @contextmanager
    def late(*words):
        with alone(*words), release("one"):
            living.beat(living.WEB)
            entered.append(alone)
        with alone(*words):
            yield

    monkeypatch.setattr(migrating, "alone", late)
    with release("two"):
        assert safemigrate("--contract")[0] == 3
    assert (len(entered), had()) == (1, [M1])
