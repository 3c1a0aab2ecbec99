"""Expand and contract: which migrations are applied before a release, which after.

A migration whose class says `contract = True` takes away what only older releases
need. All others expand: they add, and older releases go on beside them. `expand` brings
what this release needs; `contract` what no living server needs any more.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import NamedTuple

from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

Name = tuple[str, str]  # app and migration

# Migrations of libraries that take something away: we cannot write it into their class.
LIBRARIES_CONTRACT: frozenset[Name] = frozenset()


class Step(NamedTuple):
    """A migration that the database has not had yet."""

    name: Name
    is_contract: bool
    needs: frozenset[Name]  # the missing ones that come before it

    def __str__(self) -> str:
        return label(self.name)


def label(name: Name) -> str:
    return ".".join(name)


def is_contract(migration: Migration) -> bool:
    name = (migration.app_label, migration.name)
    return getattr(migration, "contract", False) or name in LIBRARIES_CONTRACT


@cache
def known() -> MigrationLoader:
    """The migrations of this release. Read once in the life of a process."""
    return MigrationLoader(None)


@cache
def contract_names() -> list[str]:
    """What the code of this release can do without, by the names of migrations."""
    nodes = known().graph.nodes
    return sorted(label(name) for name in nodes if is_contract(nodes[name]))


@cache
def needed() -> list[Name]:
    """The migrations without which this release does not work."""
    nodes = known().graph.nodes
    return sorted(name for name in nodes if not is_contract(nodes[name]))


def applied() -> set[Name]:
    """What the database has had. One or two queries."""
    return set(MigrationRecorder(connection).applied_migrations())


def missing_steps(had: Collection[Name]) -> list[Step]:
    """What of this release the database has not had, each after what it needs."""
    graph, found = known().graph, {}
    for leaf in sorted(graph.leaf_nodes()):
        for name in graph.forwards_plan(leaf):
            if name not in had and name not in found:
                before = set(graph.forwards_plan(name)) - set(had) - {name}
                found[name] = Step(
                    name, is_contract(graph.nodes[name]), frozenset(before)
                )
    return list(found.values())


def expanding(steps: Collection[Step]) -> list[Step]:
    """Those that this release needs, with whatever must come before them."""
    return _with_what_they_need(steps, [step for step in steps if not step.is_contract])


def contracting(steps: Collection[Step]) -> list[Step]:
    """Those that take something away, with whatever must come before them."""
    return _with_what_they_need(steps, [step for step in steps if step.is_contract])


def allowed(steps: Collection[Step], held: Collection[Name]) -> list[Step]:
    """Those that are not held and need none that is."""
    return [
        step for step in steps if not {step.name, *step.needs} & set(held)
    ]  # fmt: skip


def _with_what_they_need(
    steps: Collection[Step], chosen: Collection[Step]
) -> list[Step]:
    names = {name for step in chosen for name in (step.name, *step.needs)}
    return [step for step in steps if step.name in names]


def forget_what_is_known() -> None:
    """Read the migrations anew: for tests that bring an app of their own."""
    for function in (known, contract_names, needed):
        function.cache_clear()
