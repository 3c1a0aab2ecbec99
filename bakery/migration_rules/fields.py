"""Judges columns that are added to a table which is in use, and columns that change."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.models import Field, GeneratedField, ManyToManyField, Value
from django.db.models.fields import NOT_PROVIDED
from django.db.models.functions import Now

from bakery.migration_rules.faults import Fault, lock, new_code, old_code, unknown

# Only the names of PostgreSQL's types are asked for; it is never opened.
_postgresql = DatabaseWrapper({"NAME": "", "OPTIONS": {}, "TIME_ZONE": None}, "rules")

OWN_MIGRATION = "in a migration of its own with atomic = False"
# What of a field Django never tells the database, beside Field.non_db_attrs.
NEVER_IN_DATABASE = {"on_delete", "related_name", "related_query_name"}
JUDGED_BY_NAME = {"null", "db_default", "unique", "db_index", "db_constraint"}
TYPE = {"max_length", "max_digits", "decimal_places", "default"}


def judge_added(field: Field) -> Iterator[Fault]:
    """Faults of a column that a table in use gets."""
    if isinstance(field, ManyToManyField):
        return  # a table of its own
    if isinstance(field, GeneratedField):
        yield lock("all rows are written anew", "Fill a nullable column by a task.")
        return
    if field.primary_key:
        yield unknown("the primary key changes", "Make a new table.")
        return
    if not field.null and not _has_db_default(field):
        yield old_code(
            "the release before leaves this column out when it inserts a row, and it "
            "may not be empty (a default of Django's is not one of the database)",
            "Give it a db_default, or null=True.",
        )
    yield from _scans_of_added(field)


def _scans_of_added(field: Field) -> Iterator[Fault]:
    if _has_db_default(field) and not _is_made_once(field.db_default):
        yield lock("each row gets a value of its own", "Fill it by a task.")
    if field.unique:
        yield lock(
            "a unique index is built while nobody may read",
            f"Add it without unique, then a UniqueConstraint {OWN_MIGRATION}.",
        )
    elif field.db_index:
        yield lock(
            "an index is built while nobody may write",
            f"db_index=False, and an index in Meta.indexes {OWN_MIGRATION}.",
        )
    if field.db_check(_postgresql):
        yield lock(
            "all rows are read to see that the new column is not negative",
            f"An IntegerField, and a CheckConstraint {OWN_MIGRATION}.",
        )
    if field.remote_field and field.db_constraint and _has_db_default(field):
        yield lock("all rows are compared with the other table", "null=True.")


def judge_altered(old: Field, new: Field) -> Iterator[Fault]:
    """Faults of a column of a table in use that becomes another one."""
    if old.many_to_many or new.many_to_many:
        if old.many_to_many != new.many_to_many or old.db_table != new.db_table:
            yield unknown("another table holds it", "Add a new field.")
        return
    if old.column != new.column:
        yield from renamed("column", old.column, new.column)
    yield from _judge_type(old, new)
    yield from _judge_null(old, new)
    yield from _judge_indexes(old, new)
    changed = _facts(old).items() ^ _facts(new).items()
    if changed:
        names = ", ".join(sorted({name for name, _ in changed}))
        yield unknown(f"nobody has judged a change of {names}", "Add a new field.")


def renamed(what: str, old: str, new: str) -> Iterator[Fault]:
    """A rename is never harmless: one of two releases does not find it."""
    do = f"Keep the name with db_{what}, or add, copy and take the old one away later."
    yield old_code(f"the release before asks for {old}", do)
    yield new_code(f"until contract has run there is no {new}", do)


def _judge_type(old: Field, new: Field) -> Iterator[Fault]:
    before, after = _type(old), _type(new)
    if before == after:
        return
    if _is_wider(before, after):
        if _is_computed_with(old):
            yield lock(
                "an index or constraint that computes with it is built anew",
                "Add a new column.",
            )
        return
    yield old_code(f"{before} becomes {after}", "Add a new column.")
    yield lock(f"all rows are read or written to become {after}", "Add a new column.")


def _judge_null(old: Field, new: Field) -> Iterator[Fault]:
    if old.null and not new.null:
        do = f"A CheckConstraint that it is not null, {OWN_MIGRATION}."
        yield old_code("the release before may leave it empty", do)
        yield lock("all rows are read to see that none is empty", do)
    if _has_db_default(old) and not _has_db_default(new) and not new.null:
        yield old_code("the release before relies on its db_default", "Keep it.")


def _judge_indexes(old: Field, new: Field) -> Iterator[Fault]:
    if new.unique and not old.unique:
        do = f"A UniqueConstraint {OWN_MIGRATION}."
        yield old_code("the release before may write the same again", do)
        yield lock("a unique index is built while nobody may read", do)
    elif new.db_index and not old.db_index:
        yield lock(
            "an index is built while nobody may write",
            f"An index in Meta.indexes {OWN_MIGRATION}.",
        )
    if _is_bound(new) and not _is_bound(old):
        yield old_code("the release before may write rows without a partner", "Add it "
                       "as a new column.")  # fmt: skip
        yield lock("all rows are compared with the other table", "Add a new column.")


def _facts(field: Field) -> dict[str, str]:
    """What is left of a field's definition when everything judged is taken out."""
    _, _, _, named = field.deconstruct()
    known = {*field.non_db_attrs, *NEVER_IN_DATABASE, *JUDGED_BY_NAME, *TYPE}
    known |= {"limit_choices_to", "db_column"}
    return {name: repr(value) for name, value in named.items() if name not in known}


def _type(field: Field) -> str:
    check = field.db_check(_postgresql)
    kind = field.db_parameters(_postgresql)["type"]
    return f"{kind} check" if check else kind


def _is_wider(before: str, after: str) -> bool:
    """Whether only the description of the column changes, by PostgreSQL's manual."""
    if before == f"{after} check":
        return True
    short = re.fullmatch(r"varchar\((\d+)\)", before)
    long = re.fullmatch(r"varchar\((\d+)\)", after)
    if short and long:
        return int(long[1]) >= int(short[1])
    return bool(short) and after in {"text", "varchar"}


def _is_computed_with(field: Field) -> bool:
    """Whether it is named in an expression or a condition of its table."""
    meta = field.model._meta
    said = [
        (getattr(each, "expressions", ()), getattr(each, "condition", None))
        for each in (*meta.indexes, *meta.constraints)
    ]
    return re.search(rf"\b{field.name}\b", repr(said)) is not None


def _is_bound(field: Field) -> bool:
    return bool(field.remote_field) and field.db_constraint


def _has_db_default(field: Field) -> bool:
    return field.db_default is not NOT_PROVIDED


def _is_made_once(default: object) -> bool:
    is_expression = hasattr(default, "resolve_expression")
    return isinstance(default, Value | Now) or not is_expression
