"""Cursors that a connection keeps for its next statements.

Making one takes twice as long as asking a small question with it. Whoever closes a
cursor therefore gives it back, and whoever needs one takes one that nobody has: two
that are open at the same time are never the same.
"""

from __future__ import annotations

from typing import Any

import psycopg
from django.db.backends.postgresql.base import Cursor, ServerBindingCursor

# What is kept keeps its last answer as well, so one with a long answer is not.
MOST_ROWS = 100
KINDS = (Cursor, ServerBindingCursor)


class Closed:
    """What a closed wrapper has in place of a cursor: whatever it is asked fails."""

    def __getattr__(self, name: str) -> Any:
        raise psycopg.InterfaceError("the cursor is closed")


CLOSED = Closed()


def take(connection: psycopg.Connection, kind: type[psycopg.Cursor]) -> psycopg.Cursor:
    """One of that kind for the caller alone. Kept with connections of our own only."""
    spare = getattr(connection, "spare", {}).get(kind)
    return spare.pop() if spare else kind(connection)


def give_back(cursor: psycopg.Cursor) -> None:
    """It is the caller's no more."""
    kind, spare = type(cursor), getattr(cursor.connection, "spare", None)
    if spare is None or kind not in KINDS or cursor.rowcount > MOST_ROWS:
        cursor.close()
    elif not cursor.closed:
        spare.setdefault(kind, []).append(cursor)
