"""A release adds before it comes, and takes away when nobody needs it any more."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from bakery import living
from bakery.health import missing_migrations
from bakery.models import Contracted
from tests.bakery.migrating.till import (
    M1,
    M2,
    M3,
    M4,
    had,
    new_code_works,
    old_code_works,
    release,
    safemigrate,
    silence,
)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("counter"),
]


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


def test_contract_brings_nothing_that_it_does_not_need():
    """What only adds has not been judged, and belongs to the next release."""
    silence("clone-one")
    with release("side"):
        assert safemigrate("--contract", "--dry-run") == (
            0,
            f"counter.{M2}\ncounter.{M3}\n",
        )
        code, said = safemigrate("--contract")
        assert (code, said) == (1, "Migrations are missing still: counter.m4_side.")
        assert had() == [M1, M2, M3]
        assert safemigrate("--expand")[0] == 0
    assert had() == [M1, M2, M3, "m4_side"]


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
