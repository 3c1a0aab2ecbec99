"""Rows that belong to a row, read in the same statement as that row.

A page of products shows their variants, pictures and more. Asked for apart, each kind
is a statement more, and every statement costs as much as reading some dozen rows. So
the database packs what belongs to a row into one column of it, as JSON.
"""

from __future__ import annotations

import json
from typing import Any, TypeVar

from django.db.models import (
    BooleanField,
    Field,
    JSONField,
    Model,
    QuerySet,
    Subquery,
    TextField,
)

Row = TypeVar("Row", bound=Model)


class Gathered(Subquery):
    """All rows of a queryset in its order, for rows_of() to unpack. Without rows ""."""

    output_field = TextField()

    def __init__(self, rows: QuerySet) -> None:
        self.fields = rows.model._meta.concrete_fields
        super().__init__(rows.values(*(field.attname for field in self.fields)))

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        row = ", ".join(_column(connection, field) for field in self.fields)
        packed = f"json_agg(json_build_array({row}))::text"
        return self.as_sql(compiler, connection, template=_select(packed), **extra)

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        row = ", ".join(
            # Otherwise its words would be packed as a string.
            f"json({_column(connection, field)})"
            if isinstance(field, JSONField)
            else _column(connection, field)
            for field in self.fields
        )
        packed = f"json_group_array(json_array({row}))"
        return self.as_sql(compiler, connection, template=_select(packed), **extra)


def rows_of(model: type[Row], packed: str | None) -> list[Row]:
    """The rows as they are in the database. No query.

    For models whose columns are numbers, words, truths and JSON; there is no other
    kind of column among those that are gathered, and one would stay as it is in JSON.
    """
    fields = model._meta.concrete_fields
    names = [field.attname for field in fields]
    truths = [at for at, field in enumerate(fields) if isinstance(field, BooleanField)]
    found = []
    for values in json.loads(packed) if packed else []:
        for at in truths:  # numbers in SQLite
            values[at] = bool(values[at])
        found.append(model.from_db(None, names, values))
    return found


def put_at_hand(row: Model, name: str, rows: list[Row], model: type[Row]) -> None:
    """`row.name.all()` gives these, as after prefetch_related. No query."""
    known = QuerySet(model)
    known._result_cache = rows
    known._prefetch_done = True
    if not hasattr(row, "_prefetched_objects_cache"):
        row._prefetched_objects_cache = {}
    row._prefetched_objects_cache[name] = known


def _select(packed: str) -> str:
    return f"(SELECT {packed} FROM (%(subquery)s) gathered)"  # nosec B608 - our columns


def _column(connection: Any, field: Field) -> str:
    return f"gathered.{connection.ops.quote_name(field.column)}"
