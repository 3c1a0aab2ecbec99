"""Indexes and constraints that come beside the shoppers, in migrations that ask for it.

In a migration with `atomic = False` an index is built CONCURRENTLY and a constraint is
checked after it was added: nobody waits while all rows are read. On SQLite the same
migration does it at once. Such a migration has one operation: it can be run again.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any

from django.db.backends.ddl_references import Statement
from django.db.backends.postgresql import schema
from django.db.models import CheckConstraint, Index, Model, UniqueConstraint
from django.db.models.constraints import BaseConstraint


class SchemaEditor(schema.DatabaseSchemaEditor):
    """Django's own, except in a migration with atomic = False."""

    sql_unique_index_beside = (
        "CREATE UNIQUE INDEX CONCURRENTLY %(name)s ON %(table)s "
        "(%(columns)s)%(include)s%(nulls_distinct)s%(condition)s"
    )

    def __exit__(self, exc_type: Any, exc_value: Any, traceback: Any) -> None:
        """End the transaction, also when what was kept for its end fails.

        Django's own then leaves it open: a migration that found a table in use could
        not be tried again.
        """
        if exc_type is None:
            try:
                for sql in self.deferred_sql:
                    self.execute(sql, None)
            except BaseException:
                if self.atomic_migration:
                    self.atomic.__exit__(*sys.exc_info())
                raise
            self.deferred_sql = []
        super().__exit__(exc_type, exc_value, traceback)

    @property
    def _is_beside(self) -> bool:
        return not (self.atomic_migration or self.connection.in_atomic_block)

    def add_index(self, model: Any, index: Index, concurrently: bool = False) -> None:
        if not self._is_beside:
            super().add_index(model, index, concurrently)
            return
        with self._patient():
            self._drop_leftover_index(index.name)
            super().add_index(model, index, concurrently=True)

    def remove_index(
        self, model: Any, index: Index, concurrently: bool = False
    ) -> None:
        if not self._is_beside:
            super().remove_index(model, index, concurrently)
            return
        with self._patient():
            super().remove_index(model, index, concurrently=True)

    def add_constraint(self, model: Any, constraint: BaseConstraint) -> None:
        kind = type(constraint)
        if not self._is_beside or kind not in (CheckConstraint, UniqueConstraint):
            super().add_constraint(model, constraint)
            return
        table, name = map(self.quote_name, (model._meta.db_table, constraint.name))
        self.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")
        if kind is CheckConstraint:
            sql = constraint.create_sql(model, self)
            self.execute(f"{sql} NOT VALID", params=None)
            self.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")
        else:
            self._add_unique(model, constraint)

    def _add_unique(self, model: type[Model], constraint: UniqueConstraint) -> None:
        """Its index first, which then becomes the constraint if it may be one."""
        sql: Statement = constraint.create_sql(model, self)
        is_index = sql.template == self.sql_create_unique_index
        deferrable = sql.parts["deferrable"]
        sql.template = self.sql_unique_index_beside
        with self._patient():
            self._drop_leftover_index(constraint.name)
            self.execute(sql, params=None)
        if not is_index:
            table, name = map(self.quote_name, (model._meta.db_table, constraint.name))
            self.execute(
                f"ALTER TABLE {table} ADD CONSTRAINT {name} "
                f"UNIQUE USING INDEX {name}{deferrable}"
            )

    def _drop_leftover_index(self, name: str) -> None:
        """An index whose making was interrupted stays, invalid and in the way."""
        self.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {self.quote_name(name)}")

    @contextlib.contextmanager
    def _patient(self) -> Iterator[None]:
        """Wait for transactions that began before: nobody waits behind this."""
        if self.collect_sql:
            yield
            return
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('lock_timeout')")
            before = cursor.fetchone()[0]
            cursor.execute("SET lock_timeout = 0")
        try:
            yield
        finally:
            with self.connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, false)", [before])
