"""Django's PostgreSQL, except that what is away is not waited for again and again.

A pool cannot tell a dead server from a busy one: whoever wants a connection waits for
the whole time-out. Without a breaker a database that is away would hold every thread
of every process, those that could answer from a cache too.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.postgresql import base

from bakery.breaker import Breaker
from bakery.postgresql.patience import Connection, lend, take_back
from bakery.postgresql.prepared import Cursor, DebugCursor
from bakery.postgresql.schema import SchemaEditor
from bakery.postgresql.spare import take


class DatabaseWrapper(base.DatabaseWrapper):
    """While the database is away one caller a second tries, per process.

    The others get OperationalError at once, which pages answer with 503 and
    Retry-After. Connections without a pool are not held back.
    """

    SchemaEditorClass = SchemaEditor
    _breakers: dict[str, Breaker] = {}

    @property
    def pool(self) -> Any:
        """Of all connections of this alias in this process; asked for many times in a
        request."""
        options = self.settings_dict["OPTIONS"].get("pool")
        if not options:
            return None
        made = self._connection_pools.get(self.alias)
        if made is None:
            options["connection_class"] = Connection
            made = super().pool
        return made

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if not self.settings_dict["OPTIONS"].get("pool"):
            return super().get_new_connection(conn_params)
        breaker = self._breakers.setdefault(self.alias, Breaker())
        if not breaker.allows():
            raise self.Database.OperationalError(
                "The database did not answer a moment ago and is left in peace."
            )
        try:
            connection = self._living(conn_params)
        except self.Database.OperationalError:
            breaker.failed()
            raise
        breaker.worked()
        lend(connection)
        return connection

    def create_cursor(self, name: str | None = None) -> Any:
        if name:
            return super().create_cursor(name)
        return take(self.connection, self.connection.cursor_factory)

    def make_cursor(self, cursor: Any) -> Cursor:
        return Cursor(cursor, self)

    def make_debug_cursor(self, cursor: Any) -> DebugCursor:
        return DebugCursor(cursor, self)

    def _set_autocommit(self, autocommit: bool) -> None:
        if self.connection.autocommit != autocommit:
            super()._set_autocommit(autocommit)

    def _close(self) -> None:
        # Not as the pool's `reset`, for which it wakes a thread of its own each time.
        if self.connection is not None and self.pool:
            take_back(self.connection)
        super()._close()

    def _living(self, conn_params: dict[str, Any]) -> Any:
        """A connection that has just answered, or a new one.

        Where one is dead the others are, too: none of them is tried one by one, which
        is what the pool's own check does, with pauses that grow.
        """
        connection = super().get_new_connection(conn_params)
        try:
            connection.ask()
        except self.Database.OperationalError:
            self.pool.putconn(connection)
            self.pool.drain()
            return super().get_new_connection(conn_params)
        return connection
