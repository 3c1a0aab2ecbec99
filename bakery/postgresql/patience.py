"""How long an answer of PostgreSQL is waited for: a frozen server never gives one.

The server's own time-outs (statement_timeout, lock_timeout) end what it works on. They
do not help when the server itself hangs, or its machine is gone without a word.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

import psycopg
from psycopg import errors, generators
from psycopg.pq import ExecStatus

# Of a connection that is not lent: whether it lives is asked before it is lent.
IDLE_SECONDS = 1.0


class Connection(psycopg.Connection):
    """Gives up, and closes itself, when an answer takes longer than its patience.

    Nobody knows then whether the server has done what it was told; a change that
    carries its operation id may be tried again.
    """

    # For what is lent in this process; None waits as long as it takes. Web servers set
    # it: behind each of their threads a shopper waits.
    lent_seconds: ClassVar[float | None] = None

    seconds: float | None = IDLE_SECONDS

    @cached_property
    def spare(self) -> dict[type, list[psycopg.Cursor]]:
        """Cursors that nobody has, by their kind; see bakery/postgresql/spare.py."""
        return {}

    def wait(self, gen: Any, *words: Any, timeout: float | None = None) -> Any:
        own = self.seconds if timeout is None else timeout
        try:
            return super().wait(gen, *words, timeout=own)
        except errors._WaitTimeout as error:
            if timeout is not None:
                raise
            self.close()
            raise psycopg.OperationalError(
                f"The database gave no answer in {own} seconds."
            ) from error

    def ask(self) -> None:
        """Does it live? Raises OperationalError if it gives no answer or a last one.

        As execute(""), without a cursor: it is done with nearly every request.
        """
        with self.lock:
            self.pgconn.send_query(b"")
            last = self.wait(generators.execute(self.pgconn))[-1]
        if last.status != ExecStatus.EMPTY_QUERY:
            raise psycopg.OperationalError(last.get_error_message())


def lend(connection: psycopg.Connection) -> None:
    connection.seconds = Connection.lent_seconds


def take_back(connection: psycopg.Connection) -> None:
    connection.seconds = IDLE_SECONDS
