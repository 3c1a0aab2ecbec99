"""Django's PostgreSQL, except that a pool is not waited for again and again.

A pool cannot tell a dead server from a busy one: whoever wants a connection waits for
the whole time-out. Without a breaker a database that is away would hold every thread
of every process, those that could answer from a cache too.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.postgresql import base

from bakery.breaker import Breaker


class DatabaseWrapper(base.DatabaseWrapper):
    """While the database is away one caller a second tries, per process.

    The others get OperationalError at once, which pages answer with 503 and
    Retry-After. Connections without a pool are not held back.
    """

    _breakers: dict[str, Breaker] = {}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if not self.settings_dict["OPTIONS"].get("pool"):
            return super().get_new_connection(conn_params)
        breaker = self._breakers.setdefault(self.alias, Breaker())
        if not breaker.allows():
            raise self.Database.OperationalError(
                "The database did not answer a moment ago and is left in peace."
            )
        try:
            connection = super().get_new_connection(conn_params)
        except self.Database.OperationalError:
            breaker.failed()
            raise
        breaker.worked()
        return connection
