"""New rows whose SQL is put together once for each kind, not for each row.

insert() is bulk_create() without its price. insert_together() saves rows that belong to
each other, such as an order with its lines, in one statement where the database can:
the server is then asked once instead of once for each kind, while its transaction is
open and others may be waiting for it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, Field, JSONField, Model
from django.db.models.sql import Query

from shop.compiled import PREPARED


class Facts(Expression):
    """JSON with the number of a row that may be saved in the same statement.

    Fits into a JSON field: {name: number of the row} and whole numbers beside it.
    """

    def __init__(self, name: str, row: Model, **numbers: int) -> None:
        super().__init__()
        self.name = name
        self.row = row
        self.numbers = numbers

    def resolve_expression(self, *_: Any, **__: Any) -> Facts:
        return self  # names no columns

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[str]]:
        if self.row.pk is not None:
            return "%s", [json.dumps({self.name: self.row.pk} | self.numbers)]
        number = number_of(type(self.row))
        return (
            f"%s::jsonb || jsonb_build_object('{self.name}', {number})",
            [json.dumps(self.numbers)],
        )


@dataclass(frozen=True)
class Beside:
    """What the statement that saves new rows does beside, on PostgreSQL.

    `steps` are further steps of its WITH, in which number_of() is the number of a new
    row; `answers` are read of them. Only those with an answer are sure to come after
    the rows.
    """

    steps: str
    answers: Sequence[str]
    values: Sequence[Any]


def insert(rows: Sequence[Model]) -> None:
    """Save new rows of one kind, as bulk_create() does; each learns its number.

    One statement. What the database has worked out of an expression is not read back.
    """
    database = connections[DEFAULT_DB_ALIAS]
    statement, values = _written(rows, database)
    with database.cursor() as cursor:
        cursor.execute(PREPARED + statement, values)
        numbers = [number for (number,) in cursor.fetchall()]
    _saved(rows, numbers)


def insert_together(
    *kinds: Sequence[Model], beside: Beside | None = None
) -> tuple[Any, ...]:
    """The same for rows of several kinds, of which each is named once.

    A row, and then all of its kind, may point to the one row of an earlier kind, and
    learns its number too. Where a kind has several rows, they are plain values. All or
    nothing: one statement on PostgreSQL, the same for any number of rows. Elsewhere
    one for each kind, so a transaction must be open.

    Gives the answers of what is done `beside`; elsewhere that is not done, and there
    are none.
    """
    database = connections[DEFAULT_DB_ALIAS]
    if database.vendor != "postgresql":
        for rows in kinds:
            _point(rows)
            insert(rows)
        return ()
    steps, numbers, values = [], [], []
    for rows in kinds:
        write = _written if len(rows) == 1 else _written_as_one
        statement, given = write(rows, database)
        name = _new(type(rows[0]))
        steps.append(f"{name} (number) AS ({statement})")
        # In the order of the rows, which are numbered one after the other.
        ordered = f"(SELECT array_agg(number ORDER BY number) FROM {name})"  # nosec B608
        numbers.append(ordered)
        values += given
    if beside:
        steps.append(beside.steps)
        numbers += beside.answers
        values += beside.values
    whole = f"{PREPARED}WITH {', '.join(steps)} SELECT {', '.join(numbers)}"
    with database.cursor() as cursor:
        cursor.execute(whole, values)
        found = cursor.fetchone()
    for rows, their_numbers in zip(kinds, found, strict=False):
        _point(rows)
        _saved(rows, their_numbers)
    return tuple(found[len(kinds) :])


def _point(rows: Sequence[Model]) -> None:
    """Let each row know the numbers of those it points to, now that they have one."""
    for field in _relations(type(rows[0])):
        for row in rows:
            related = field.get_cached_value(row, default=None)
            if related is not None and getattr(row, field.attname) is None:
                # As if it were set anew, which takes Django ten times as long.
                row.__dict__[field.attname] = related.pk


def _saved(rows: Sequence[Model], numbers: Sequence[Any]) -> None:
    is_numbered = rows[0]._meta.auto_field is not None
    for row, number in zip(rows, numbers, strict=True):
        if is_numbered:
            row.pk = number
        row._state.adding = False
        row._state.db = DEFAULT_DB_ALIAS


def _written(
    rows: Sequence[Model], database: BaseDatabaseWrapper
) -> tuple[str, list[Any]]:
    """The statement that saves rows of one kind, and its values."""
    into, columns = _into(type(rows[0]))
    marks, values = [], []
    for row in rows:
        put = [_put(column, row, database) for column in columns]
        marks.append(f"({', '.join([mark for mark, _ in put])})")
        values += [value for _, given in put for value in given]
    return f"{into} VALUES {', '.join(marks)} {_returning(type(rows[0]))}", values


def _written_as_one(
    rows: Sequence[Model], database: BaseDatabaseWrapper
) -> tuple[str, list[Any]]:
    """The same with all rows as one value, for PostgreSQL.

    So there is one statement to plan, however many rows there are, and as few values
    that psycopg keeps what it has read of the statement (50 are too many).
    """
    model = type(rows[0])
    _, columns = _into(model)
    numbers = tuple(_number_in_front(each.field, rows[0]) for each in columns)
    given = [each for each, number in zip(columns, numbers, strict=True) if not number]
    facts = [{each.field.column: each.value(row) for each in given} for row in rows]
    return _as_one(model, numbers), [json.dumps(facts, default=_in_words)]


@cache
def _as_one(model: type[Model], numbers: tuple[str | None, ...]) -> str:
    """That statement; numbers are what stands for those of rows in front."""
    database = connections[DEFAULT_DB_ALIAS]
    into, columns = _into(model)
    names = [database.ops.quote_name(each.field.column) for each in columns]
    taken = [number or name for number, name in zip(numbers, names, strict=True)]
    types = [
        f"{name} {each.field.db_type(database)}"
        for each, name, number in zip(columns, names, numbers, strict=True)
        if not number
    ]
    return (
        f"{into} SELECT {', '.join(taken)}"  # nosec B608 - our own words only
        f" FROM jsonb_to_recordset(%s::jsonb) AS given ({', '.join(types)})"
        f" {_returning(model)}"
    )


def _in_words(value: Any) -> str:
    """For what JSON does not know; to the microsecond."""
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"{value!r} cannot be one of several rows; insert() it.")


class _Column(NamedTuple):
    """What is known of a field for all rows."""

    field: Field
    is_worked_out: bool  # by the field, such as a date of today
    is_json: bool

    def value(self, row: Model) -> Any:
        if self.is_worked_out:
            return self.field.pre_save(row, add=True)
        return getattr(row, self.field.attname)


def _column(field: Field) -> _Column:
    is_worked_out = type(field).pre_save is not Field.pre_save
    return _Column(field, is_worked_out, isinstance(field, JSONField))


@cache
def _returning(model: type[Model]) -> str:
    name = connections[DEFAULT_DB_ALIAS].ops.quote_name
    return f"RETURNING {name(model._meta.pk.column)}"


@cache
def _into(model: type[Model]) -> tuple[str, list[_Column]]:
    """The statement without its rows, and the columns that each row fills."""
    own = model._meta
    fields = [f for f in own.local_concrete_fields if f is not own.auto_field]
    name = connections[DEFAULT_DB_ALIAS].ops.quote_name
    names = ", ".join(name(field.column) for field in fields)
    columns = [_column(field) for field in fields]
    return f"INSERT INTO {name(own.db_table)} ({names})", columns


@cache
def _relations(model: type[Model]) -> list[Field]:
    return [field for field in model._meta.local_concrete_fields if field.is_relation]


def _put(
    column: _Column, row: Model, database: BaseDatabaseWrapper
) -> tuple[str, Sequence[Any]]:
    """What stands for the field in the statement, and the values that it is given.

    Words and numbers go as they are, and most values are those.
    """
    value = column.value(row)
    if type(value) in _PLAIN and not column.is_json:
        return "%s", (value,)
    field = column.field
    if value is None and (number := _number_in_front(field, row)):
        return number, ()
    if hasattr(value, "resolve_expression"):
        query = Query(type(row))
        written = value.resolve_expression(query, allow_joins=False, for_save=True)
        return query.get_compiler(connection=database).compile(written)
    if value is not None or column.is_json:
        value = field.get_db_prep_save(value, database)
    return "%s", (value,)


def _number_in_front(field: Field, row: Model) -> str | None:
    """What stands for the number of a row that the same statement saves before."""
    if not field.is_relation or not field.is_cached(row):
        return None
    related = field.get_cached_value(row)
    is_new = related is not None and related.pk is None
    return number_of(type(related)) if is_new else None


def number_of(model: type[Model]) -> str:
    """The number of the only row of that kind that the same statement saves."""
    return f"(SELECT number FROM {_new(model)})"  # nosec B608 - our own words only


def _new(model: type[Model]) -> str:
    return f"new_{model._meta.db_table}"


_PLAIN = (str, int)
