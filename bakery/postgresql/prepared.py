"""Statements that PostgreSQL plans once for each connection, instead of every time.

A statement says so itself, by how it begins. To any other database that is a comment.
It is meant for statements that are always the same and asked with nearly every press:
planning such a one takes PostgreSQL longer than answering it, and their values need
not be written into the text either.

What such a statement gives must keep its type for as long as a release lives, or
PostgreSQL refuses the plan: a migration may let a column hold longer words while the
release before goes on. So columns of words are asked for as text; a test looks.
"""

from __future__ import annotations

from typing import Any

import psycopg
from django.db.backends.postgresql.base import CursorDebugWrapper, ServerBindingCursor
from django.db.backends.utils import CursorWrapper
from django.db.utils import NotSupportedError

from bakery.postgresql.spare import CLOSED, give_back, take

MARK = "/* prepared */"


class _Preparing:
    """Changes to the right kind of psycopg's cursors when it sees the mark.

    When it is planned for good is psycopg's to say (prepare_threshold), and with
    prepare_threshold=None in DATABASE_URL it is not, as poolers may need it.
    """

    def execute(self, sql: Any, params: Any = None) -> Any:
        if not _is_marked(sql):
            return super().execute(sql, params)
        self._change_to(ServerBindingCursor)
        try:
            return super().execute(sql, params)
        except NotSupportedError:
            if self.db.in_atomic_block:  # which is over; rolling back forgets the plans
                raise
            self.db.connection.execute("DEALLOCATE ALL")
            return super().execute(sql, params)

    def close(self) -> None:
        """Repeatable. The connection keeps psycopg's cursor for its next statement."""
        cursor, self.cursor = self.cursor, CLOSED
        if cursor is not CLOSED:
            give_back(cursor)

    def _change_to(self, kind: type[psycopg.Cursor]) -> None:
        if type(self.cursor) is not kind:
            before, self.cursor = self.cursor, take(self.db.connection, kind)
            give_back(before)


class Cursor(_Preparing, CursorWrapper):
    """As Django's own."""


class DebugCursor(_Preparing, CursorDebugWrapper):
    """As Django's own that keeps the statements; a marked one without its values."""

    def debug_sql(self, sql: Any = None, *words: Any, **named: Any) -> Any:
        # Django would ask psycopg, which no longer has the text of what is planned.
        if _is_marked(sql):
            named["use_last_executed_query"] = False
        return super().debug_sql(sql, *words, **named)


def _is_marked(sql: Any) -> bool:
    return isinstance(sql, str) and sql.startswith(MARK)
