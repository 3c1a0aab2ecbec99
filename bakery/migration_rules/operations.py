"""Judges the operations of migrations, one kind after the other.

What has no judge here is refused: an operation is harmless because somebody has looked
at it, not because nobody has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import singledispatch

from django.contrib.postgres import operations as postgresql_only
from django.db import migrations
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import Field

from bakery.migration_rules.faults import Fault, Harm, again, lock, old_code, unknown
from bakery.migration_rules.faults import new_code as breaks_new_code
from bakery.migration_rules.fields import (
    OWN_MIGRATION,
    judge_added,
    judge_altered,
    renamed,
)
from bakery.migration_rules.tables import SMALL


@dataclass
class Here:
    """Where an operation stands: in which app, between which states of the tables."""

    app: str
    before: ProjectState
    after: ProjectState
    is_alone: bool  # the only operation of a migration with atomic = False
    new_tables: set[str] = field(default_factory=set)  # made by the same migration

    def name(self, model: str) -> str:
        return f"{self.app}.{model.lower()}"

    def is_new(self, model: str) -> bool:
        return self.name(model) in self.new_tables

    def without_short(self, model: str, faults: Iterator[Fault]) -> Iterator[Fault]:
        """The faults that count for a table of this size."""
        small = self.name(model) in SMALL
        return (f for f in faults if not (small and f.harm is Harm.LOCK))

    def old(self, model: str, name: str) -> Field:
        return self.before.apps.get_model(self.app, model)._meta.get_field(name)

    def new(self, model: str, name: str) -> Field:
        return self.after.apps.get_model(self.app, model)._meta.get_field(name)


@singledispatch
def judge(operation: Operation, here: Here) -> Iterator[Fault]:
    """The faults of one operation, none if it is known to be harmless."""
    yield unknown(
        f"nobody has judged {type(operation).__name__}",
        'Say it by other operations, or say in the class: harmless = "why".',
    )


@judge.register(migrations.AlterModelOptions)
@judge.register(migrations.AlterModelManagers)
@judge.register(migrations.AlterModelTableComment)
@judge.register(migrations.RemoveIndex)
@judge.register(migrations.RenameIndex)
@judge.register(migrations.RemoveConstraint)
@judge.register(migrations.AlterConstraint)
def _nothing(operation: Operation, here: Here) -> Iterator[Fault]:
    """Over in a moment, and no code asks for it."""
    return iter(())


@judge.register
def _create(operation: migrations.CreateModel, here: Here) -> Iterator[Fault]:
    here.new_tables.add(here.name(operation.name))
    return iter(())


@judge.register
def _delete(operation: migrations.DeleteModel, here: Here) -> Iterator[Fault]:
    do = "Take it out of the code; drop it in a migration with contract = True."
    yield old_code(f"the release before asks for {operation.name}", do)


@judge.register
def _add_field(operation: migrations.AddField, here: Here) -> Iterator[Fault]:
    model = operation.model_name
    if here.is_new(model):
        return iter(())
    faults = judge_added(here.new(model, operation.name))
    return here.without_short(model, faults)


@judge.register
def _remove_field(operation: migrations.RemoveField, here: Here) -> Iterator[Fault]:
    column = here.old(operation.model_name, operation.name)
    do = "Take it out of the code; drop it in a migration with contract = True."
    yield old_code(f"the release before asks for {operation.name}", do)
    if column.concrete and not column.null and not column.has_db_default():
        yield breaks_new_code(
            f"until contract has run, this release cannot insert without {column.name}",
            "Let an earlier migration give the column a db_default, or null=True.",
        )


@judge.register
def _alter_field(operation: migrations.AlterField, here: Here) -> Iterator[Fault]:
    model, name = operation.model_name, operation.name
    if here.is_new(model):
        return iter(())
    faults = judge_altered(here.old(model, name), here.new(model, name))
    return here.without_short(model, faults)


@judge.register
def _rename_field(operation: migrations.RenameField, here: Here) -> Iterator[Fault]:
    if not here.is_new(operation.model_name):
        before = here.old(operation.model_name, operation.old_name)
        after = here.new(operation.model_name, operation.new_name)
        if before.many_to_many or before.column != after.column:
            yield from renamed("column", operation.old_name, operation.new_name)


@judge.register
def _rename_model(operation: migrations.RenameModel, here: Here) -> Iterator[Fault]:
    before = here.before.apps.get_model(here.app, operation.old_name)._meta
    after = here.after.apps.get_model(here.app, operation.new_name)._meta
    if before.db_table != after.db_table or before.local_many_to_many:
        yield from renamed("table", before.db_table, after.db_table)


@judge.register
def _move_table(operation: migrations.AlterModelTable, here: Here) -> Iterator[Fault]:
    before = here.before.apps.get_model(here.app, operation.name)._meta.db_table
    after = here.after.apps.get_model(here.app, operation.name)._meta.db_table
    if before != after:
        yield from renamed("table", before, after)


@judge.register
def _index(operation: migrations.AddIndex, here: Here) -> Iterator[Fault]:
    model = operation.model_name
    if not (here.is_new(model) or here.is_alone or here.name(model) in SMALL):
        do = f"Put it {OWN_MIGRATION}."
        yield lock("an index is built while nobody may write", do)


@judge.register
def _constraint(operation: migrations.AddConstraint, here: Here) -> Iterator[Fault]:
    model = operation.model_name
    if here.is_new(model):
        return
    yield old_code(
        f"the release before may write what {operation.constraint.name} forbids",
        "contract = True.",
    )
    if not (here.is_alone or here.name(model) in SMALL):
        do = f"Put it {OWN_MIGRATION}."
        yield lock("all rows are read while nobody may write", do)


@judge.register
def _together(operation: migrations.AlterUniqueTogether, here: Here) -> Iterator[Fault]:
    """Fewer of them are no harm; more of them are UniqueConstraints today."""
    before = here.before.models[here.app, operation.name_lower]
    had = {tuple(each) for each in before.options.get("unique_together") or ()}
    more = {tuple(each) for each in operation.option_value or ()} - had
    if more and not here.is_new(operation.name):
        do = f"A UniqueConstraint {OWN_MIGRATION}."
        yield old_code("the release before may write the same again", do)
        yield lock("a unique index is built while nobody may read", do)


@judge.register(postgresql_only.AddIndexConcurrently)
@judge.register(postgresql_only.RemoveIndexConcurrently)
@judge.register(postgresql_only.AddConstraintNotValid)
@judge.register(postgresql_only.ValidateConstraint)
def _one_engine(operation: Operation, here: Here) -> Iterator[Fault]:
    yield unknown(
        "it fails on SQLite",
        f"Use the plain operation {OWN_MIGRATION}: on PostgreSQL it is done beside "
        "the shoppers then.",
    )


@judge.register(migrations.RunPython)
@judge.register(migrations.RunSQL)
def _run(operation: Operation, here: Here) -> Iterator[Fault]:
    if not operation.reversible:
        yield again("there is no way back", "Give it a reverse, if only the noop.")
    if isinstance(operation, migrations.RunSQL):
        do = 'Use operations, or say in the class: harmless = "why".'
        yield unknown("SQL cannot be judged", do)


@judge.register
def _both(
    operation: migrations.SeparateDatabaseAndState, here: Here
) -> Iterator[Fault]:
    """What is done to the database counts, with the states in between."""
    state = here.before
    for inner in operation.database_operations:
        after = state.clone()
        inner.state_forwards(here.app, after)
        yield from judge(
            inner, Here(here.app, state, after, here.is_alone, here.new_tables)
        )
        state = after
