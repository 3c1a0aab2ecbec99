"""Questions whose SQL is written once and asked again with other values.

Django writes the SQL of a question anew each time it is asked, which takes several
times as long as asking it. What every shopper's step asks is therefore kept as it was
written the first time. The question itself stays in Django's words, for every database.

"prepared" is for a PostgreSQL that is asked by bakery/postgresql, which then plans it
once; others read over it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, Expression, Model, QuerySet
from django.db.models.query import get_related_populators
from django.db.models.sql.compiler import SQLCompiler

from shop.reserved import are_seen

Row = TypeVar("Row", bound=Model)

# How a statement begins that is planned once; see above.
PREPARED = "/* prepared */ "


class Given(Expression):
    """Stands in a question for a value that is told whenever it is asked."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Given]]:
        return "%s", [self]


class Compiled(Generic[Row]):
    """A question of the default database, with a Given for each value that changes.

    Answers with rows as Django would make them, whole or with only(), with what
    select_related() and annotate() add. One query each time. For many threads.
    """

    def __init__(self, question: Callable[[], QuerySet[Row]]) -> None:
        self._question = question
        self._written: dict[bool, _Written[Row]] = {}

    def all(self, **given: Any) -> list[Row]:
        """Every row. Raises KeyError if a value is missing, TransactionManagementError
        if rows would be locked outside of a transaction."""
        seen = are_seen()  # the managers' conditions hang on it
        written = self._written.get(seen)
        if written is None:
            written = self._written[seen] = _Written(self._question())
        return written.rows(given)

    def first(self, **given: Any) -> Row | None:
        """The first of them; for questions that find one row at most, or have [:1]."""
        return next(iter(self.all(**given)), None)


class _Written(Generic[Row]):
    """The SQL of a question, and how its answers become objects."""

    def __init__(self, question: QuerySet[Row]) -> None:
        compiler = question.query.get_compiler(using=DEFAULT_DB_ALIAS)
        self._locks = question.query.select_for_update
        sql, self._values = compiler.as_sql()
        self._sql = PREPARED + _with_words_as_text(sql, compiler)
        columns, facts = compiler.select, compiler.klass_info
        first, last = facts["select_fields"][0], facts["select_fields"][-1] + 1
        self._model: type[Row] = facts["model"]
        self._own = slice(first, last)
        self._names = [column.target.attname for column, *_ in columns[self._own]]
        self._related = get_related_populators(facts, columns, DEFAULT_DB_ALIAS)
        self._added = list((compiler.annotation_col_map or {}).items())
        self._converters = [
            (place, converters, expression)
            for place, (converters, expression) in compiler.get_converters(
                column for column, *_ in columns
            ).items()
        ]

    def rows(self, given: dict[str, Any]) -> list[Row]:
        database = connections[DEFAULT_DB_ALIAS]
        if self._locks and not database.in_atomic_block:
            raise transaction.TransactionManagementError(
                "Rows are locked inside transaction.atomic() only."
            )
        values = [
            given[value.name] if isinstance(value, Given) else value
            for value in self._values
        ]
        with database.cursor() as cursor:
            cursor.execute(self._sql, values)
            found = cursor.fetchall()
        return [self._object(list(row), database) for row in found]

    def _object(self, row: list[Any], database: BaseDatabaseWrapper) -> Row:
        for place, converters, expression in self._converters:
            for convert in converters:
                row[place] = convert(row[place], expression, database)
        made = self._model.from_db(DEFAULT_DB_ALIAS, self._names, row[self._own])
        for related in self._related:
            related.populate(row, made)
        for name, place in self._added:
            setattr(made, name, row[place])
        return made


def _with_words_as_text(sql: str, compiler: SQLCompiler) -> str:
    """The question, with columns of words asked for as text.

    A migration may let such a column hold longer words while this release goes on; as
    text what the question gives stays of the same type, which a kept plan demands.
    """
    columns = compiler.select
    before = ", ".join(_column(part, alias) for _, (part, _), alias in columns)
    after = ", ".join(
        _column(f"CAST({part} AS text)" if _is_words(each) else part, alias)
        for each, (part, _), alias in columns
    )
    return sql.replace(before, after, 1)


def _column(part: str, alias: str | None) -> str:
    return f'{part} AS "{alias}"' if alias else part


def _is_words(column: Expression) -> bool:
    return isinstance(column.output_field, CharField)
