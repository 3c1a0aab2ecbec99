"""The rules refuse what hurts, and nothing else. No database is asked."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader

from bakery.migration_rules.faults import Harm
from bakery.migration_rules.judging import judge_all, judge_one, judge_some
from bakery.migration_rules.tables import BEGUN_WITH, SMALL
from tests.bakery.migrating.bakehouse import migration, tables
from tests.bakery.migrating.cases import (
    BY_NUMBER,
    CHEAP,
    HARMFUL,
    HARMLESS,
    LOCK,
    NEW,
    OLD,
    add,
)
from tests.processes import ROOT

noop = migrations.RunPython.noop


def harms(step: migrations.Migration) -> set[Harm]:
    return {refusal.fault.harm for refusal in judge_one(step, tables())}


def test_the_migrations_of_this_release_are_harmless():
    assert [str(refusal) for refusal in judge_all(MigrationLoader(None))] == []


@pytest.mark.parametrize("name", HARMLESS)
def test_what_hurts_nobody_is_let_through(name):
    assert harms(migration(HARMLESS[name])) == set()


@pytest.mark.parametrize("name", HARMFUL)
def test_what_hurts_is_refused(name):
    operation, expected = HARMFUL[name]
    assert harms(migration(operation)) == expected


@pytest.mark.parametrize("name", HARMFUL)
def test_contract_allows_what_old_code_suffers_and_nothing_else(name):
    operation, expected = HARMFUL[name]
    adds = {NEW} if isinstance(operation, migrations.AddField) else set()
    found = harms(migration(operation, contract=True))
    assert found == (expected - {OLD}) | adds


def test_each_refusal_says_where_why_and_what_to_do():
    step = migration(migrations.RemoveField("loaf", "note"))
    (refusal,) = judge_one(step, tables())
    assert str(refusal) == (
        "oven.0002_next: Remove field note from loaf: the release before asks for "
        "note (old code). Take it out of the code; drop it in a migration with "
        "contract = True."
    )


def test_an_index_comes_alone_and_beside_the_shoppers():
    index = migrations.AddIndex("loaf", BY_NUMBER)
    assert harms(migration(index, atomic=False)) == set()
    two = migration(index, HARMLESS["a longer text"], atomic=False)
    assert harms(two) == {LOCK, Harm.AGAIN}


def test_a_constraint_comes_alone_and_after_the_old_code():
    constraint = migrations.AddConstraint("loaf", CHEAP)
    assert harms(migration(constraint, atomic=False, contract=True)) == set()
    assert harms(migration(constraint, atomic=False)) == {OLD}


def test_data_needs_a_way_back_and_a_migration_of_its_own():
    assert harms(migration(migrations.RunPython(noop))) == {Harm.AGAIN}
    data, column = HARMLESS["data there and back"], HARMLESS["a longer text"]
    assert harms(migration(column, data)) == {LOCK}


def test_sql_is_judged_by_its_author():
    there_and_back = migrations.RunSQL("SELECT 1", "SELECT 1")
    assert harms(migration(there_and_back)) == {Harm.UNKNOWN}
    assert harms(migration(there_and_back, harmless="it only looks")) == set()


def test_what_works_on_one_engine_only_is_refused():
    index = AddIndexConcurrently("loaf", BY_NUMBER)
    assert harms(migration(index, atomic=False)) == {Harm.UNKNOWN}


def test_what_nobody_has_judged_is_refused():
    class Odd(migrations.operations.base.Operation):
        def state_forwards(self, app_label, state):
            pass

    assert harms(migration(Odd())) == {Harm.UNKNOWN}


def test_a_new_table_may_have_everything():
    table = migrations.CreateModel(
        "Tray", [("id", models.BigAutoField(primary_key=True))]
    )
    more = [
        migrations.AddField("tray", "number", models.IntegerField(unique=True)),
        migrations.AddIndex("tray", models.Index("number", name="tray_number")),
        migrations.AddConstraint(
            "tray",
            models.CheckConstraint(condition=models.Q(number__gt=0), name="tray_none"),
        ),
    ]
    assert harms(migration(table, *more)) == set()


def test_a_rename_of_the_field_alone_is_none_of_the_column():
    column = migrations.AlterField("loaf", "price", models.IntegerField())
    named = migrations.AlterField(
        "loaf", "price", models.IntegerField(db_column="price")
    )
    rename = migrations.RenameField("loaf", "price", "cost")
    assert harms(migration(named, rename)) == set()
    assert harms(migration(column, rename)) == {OLD, NEW}


def test_what_is_hidden_behind_a_state_is_found():
    operation, expected = HARMFUL["a column renamed"]
    both = migrations.SeparateDatabaseAndState(database_operations=[operation])
    assert harms(migration(both)) == expected


def test_contract_may_not_bring_what_the_release_needs():
    step = migration(HARMLESS["a new nullable column"], contract=True)
    assert harms(step) == {NEW}


def test_a_small_table_may_be_locked_for_a_moment(monkeypatch):
    index = migrations.AddIndex("loaf", BY_NUMBER)
    stars = add("stars", models.PositiveIntegerField(null=True))
    assert harms(migration(index, stars)) == {LOCK}
    monkeypatch.setattr("bakery.migration_rules.operations.SMALL", {"oven.loaf"})
    assert harms(migration(index, stars)) == set()


def test_the_lists_name_what_exists():
    """A library's upgrade that brings a migration is judged, too."""
    loader = MigrationLoader(None)
    state = loader.project_state()
    assert {tuple(name.split(".")) for name in SMALL} <= set(state.models)
    assert set(BEGUN_WITH.items()) <= set(loader.graph.nodes)
    assert {app for app, _ in loader.graph.nodes} == set(BEGUN_WITH)
    assert judge_some(loader, loader.graph.nodes) == []


def lint(tmp_path, settings: str) -> subprocess.CompletedProcess:
    """What `make lint` asks, with a folder and a database of nobody's."""
    return subprocess.run(
        [sys.executable, "-m", "bakery.migration_rules"],
        cwd=ROOT,
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": settings,
            "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
            "VAR_DIR": str(tmp_path),
        },
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_lint_says_each_refusal_in_a_line_and_asks_no_database(tmp_path):
    good = lint(tmp_path, "settings.prod")
    assert (good.returncode, good.stdout, good.stderr) == (0, "", "")
    bad = lint(tmp_path, "tests.bakery.migrating.broken_settings")
    assert (bad.returncode, bad.stderr) == (1, "")
    assert bad.stdout.startswith("counter.m2_no_note: Remove field note from till: ")
