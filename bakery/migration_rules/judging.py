"""Judges whole migrations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.db import migrations
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from bakery.migration_rules.faults import Fault, Harm, again, lock, new_code
from bakery.migration_rules.operations import Here, judge
from bakery.migration_rules.tables import BEGUN_WITH
from bakery.phases import Name, is_contract

DATA = (migrations.RunPython, migrations.RunSQL)
ADDS = (migrations.AddField, migrations.CreateModel)


class Refusal(NamedTuple):
    """Why a migration must not run beside the release before it, for a person."""

    migration: str
    operation: str
    fault: Fault

    def __str__(self) -> str:
        return (
            f"{self.migration}: {self.operation}: {self.fault.says} "
            f"({self.fault.harm}). {self.fault.do}"
        )


def judge_all(loader: MigrationLoader) -> list[Refusal]:
    """Every fault of every migration that came after BEGUN_WITH."""
    return judge_some(loader, loader.graph.nodes)


def judge_some(loader: MigrationLoader, names: Iterable[Name]) -> list[Refusal]:
    """The faults of these migrations, those of BEGUN_WITH left out. No query."""
    exempt = _exempt(loader)
    return [
        refusal
        for name in sorted(set(names) - exempt)
        for refusal in judge_one(
            loader.graph.nodes[name], loader.project_state(name, at_end=False)
        )
    ]


def _exempt(loader: MigrationLoader) -> set[Name]:
    begun = [name for name in BEGUN_WITH.items() if name in loader.graph.nodes]
    first = [name for name in loader.graph.nodes if _makes_the_app(loader, name)]
    earlier = {each for name in begun for each in loader.graph.forwards_plan(name)}
    return earlier | set(first)


def _makes_the_app(loader: MigrationLoader, name: Name) -> bool:
    """Whether no earlier migration of its app could have made a table."""
    parents = loader.graph.node_map[name].parents
    return all(parent.key[0] != name[0] for parent in parents)


def judge_one(migration: Migration, state: ProjectState) -> Iterator[Refusal]:
    """The faults of one migration that stands at this state of the tables."""
    if getattr(migration, "harmless", ""):
        return
    label = f"{migration.app_label}.{migration.name}"
    for fault in _of_the_whole(migration):
        yield Refusal(label, "the migration", fault)
    for operation, faults in _of_operations(migration, state):
        for fault in faults:
            if not (is_contract(migration) and fault.harm is Harm.OLD_CODE):
                yield Refusal(label, operation.describe(), fault)


def _of_operations(
    migration: Migration, state: ProjectState
) -> Iterator[tuple[Operation, list[Fault]]]:
    app, new_tables = migration.app_label, set()
    alone = not migration.atomic and len(migration.operations) == 1
    for operation in migration.operations:
        after = state.clone()
        operation.state_forwards(app, after)
        here = Here(app, state, after, alone, new_tables)
        yield operation, list(judge(operation, here))
        state = after


def _of_the_whole(migration: Migration) -> Iterator[Fault]:
    operations = migration.operations
    if not migration.atomic and len(operations) > 1:
        yield again(
            "interrupted half-way, it could not be run again",
            "One operation for each migration with atomic = False.",
        )
    data = [each for each in operations if isinstance(each, DATA)]
    if data and len(data) < len(operations):
        yield lock(
            "rows are written while changed tables stay locked",
            "Data in a migration of its own.",
        )
    adds = any(isinstance(each, ADDS) for each in operations)
    if is_contract(migration) and adds:
        yield new_code(
            "this release needs what it adds, and contract runs afterwards",
            "Add in a migration without contract = True.",
        )
