"""Many rows of one table at once: by COPY where the database has it."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any

from django.core.management.color import no_style
from django.db import connection
from django.db.models import Field, JSONField, Max, Model

Row = Sequence[Any]


def write_rows(
    model: type[Model], columns: Sequence[str], rows: Collection[Row]
) -> None:
    """Insert the rows, values in the order of `columns` (attribute names), JSON as
    Python has it. Fills in no default and calls no save(). One statement on
    PostgreSQL; a refused row refuses them all. Needs an open transaction."""
    fields = [model._meta.get_field(name) for name in columns]
    quote = connection.ops.quote_name
    names = ", ".join(quote(field.column) for field in fields)
    table = quote(model._meta.db_table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in _converted(rows, [_for_copy(field) for field in fields]):
                    copy.write_row(row)
            return
        marks = ", ".join(["%s"] * len(fields))
        cursor.executemany(
            f"INSERT INTO {table} ({names}) VALUES ({marks})",  # nosec B608: our names
            list(_converted(rows, [_for_insert(field) for field in fields])),
        )


def last_keys(*models: type[Model]) -> list[int]:
    """The highest number in each table, and nobody adds to them any more.

    Rows of one's own may then be numbered from there on; advance_keys() before the
    transaction ends, which this needs and which lets the others go on.
    """
    if connection.vendor == "postgresql":
        quote = connection.ops.quote_name
        tables = ", ".join(quote(model._meta.db_table) for model in models)
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE")
    found = (
        model._base_manager.aggregate(last=Max("pk"))["last"] or 0 for model in models
    )
    return [max(0, last) for last in found]


def advance_keys(*models: type[Model]) -> None:
    """Let the database number its next rows after those that brought a number."""
    statements = connection.ops.sequence_reset_sql(no_style(), models)
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


Convert = Callable[[Any], Any]


def _converted(
    rows: Iterable[Row], converts: Sequence[Convert | None]
) -> Iterator[list[Any]]:
    """Only the columns that need it cost a call: there are millions of values."""
    needed = [(at, convert) for at, convert in enumerate(converts) if convert]
    for row in rows:
        values = list(row)
        for at, convert in needed:
            values[at] = convert(values[at])
        yield values


def _for_copy(field: Field) -> Convert | None:
    return json.dumps if isinstance(field, JSONField) else None


def _for_insert(field: Field) -> Convert:
    return lambda value: field.get_db_prep_save(value, connection)
