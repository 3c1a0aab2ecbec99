"""A whole database into a file and back, with the tools of its own engine."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from bakery.backups.manifest import BadBackup
from bakery.servers.programs import find_program


class SqliteEngine:
    """Copies by SQLite's own backup: consistent while others read and write."""

    name = "sqlite"

    def dump(self, path: Path) -> dict[str, int]:
        """Write the database to path as of one moment; the rows of each table."""
        with (
            closing(sqlite3.connect(self._path())) as here,
            closing(sqlite3.connect(path)) as copy,
        ):
            here.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
            return _count_rows(copy.cursor(), _tables(copy))

    def load(self, path: Path) -> None:
        """Replace the whole database by the file's, all or nothing."""
        with closing(sqlite3.connect(path)) as backup:
            _demand_sound(backup)
            connection.close()
            with closing(sqlite3.connect(self._path())) as here:
                backup.backup(here)
                here.execute("PRAGMA journal_mode=WAL")

    def _path(self) -> str:
        return str(connection.settings_dict["NAME"])


def _tables(database: sqlite3.Connection) -> list[str]:
    names = database.execute(
        "SELECT name FROM sqlite_master "
        "WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    )
    return [name for (name,) in names]


def _demand_sound(database: sqlite3.Connection) -> None:
    try:
        answer = database.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise BadBackup(f"The database in the backup is damaged: {error}") from error
    if answer != "ok":
        raise BadBackup(f"The database in the backup is damaged: {answer}")


class PostgresEngine:
    """pg_dump's custom format; loaded in one transaction by psql."""

    name = "postgresql"

    def dump(self, path: Path) -> dict[str, int]:
        """Write the database to path as of one moment; the rows of each table.

        The counts are taken in the very snapshot that pg_dump copies.
        """
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute("SELECT pg_export_snapshot()")
            snapshot = cursor.fetchone()[0]
            counts = _count_rows(cursor, connection.introspection.table_names(cursor))
            self._run("pg_dump", "--format=custom", "--no-owner", "--no-privileges",
                      f"--snapshot={snapshot}", f"--file={path}")  # fmt: skip
        return counts

    def load(self, path: Path) -> None:
        """Replace everything in the database by the file's, all or nothing.

        Waits at most ten seconds for whoever still uses the shop.
        """
        script = path.with_suffix(".sql")
        self._run("pg_restore", "--no-owner", "--no-privileges", "--schema=public",
                  f"--file={script}", str(path), connect=False)  # fmt: skip
        connection.close()
        self._run("psql", "--no-psqlrc", "--quiet", "--single-transaction",
                  "--set=ON_ERROR_STOP=1", "--output=/dev/null",
                  "--command=SET lock_timeout = '10s'",
                  "--command=DROP SCHEMA IF EXISTS public CASCADE",
                  "--command=CREATE SCHEMA public",
                  f"--file={script}")  # fmt: skip

    def _run(self, name: str, *words: str, connect: bool = True) -> None:
        program = find_program(name, at_least=connection.pg_version // 10000)
        command, environment = [program, *words], os.environ.copy()
        if connect:
            arguments, secrets = connection.client.settings_to_cmd_args_env(
                connection.settings_dict, []
            )
            command += ["--no-password", *arguments[1:]]
            environment |= secrets or {}
        answer = subprocess.run(
            command,
            check=False,
            env=environment,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        if answer.returncode:
            raise BadBackup(f"{name} failed: {answer.stderr.strip()[-1000:]}")


def engine_here() -> SqliteEngine | PostgresEngine:
    """The engine of the database this shop is set up with."""
    engines = {"sqlite": SqliteEngine, "postgresql": PostgresEngine}
    return engines[connection.vendor]()


def count_rows() -> dict[str, int]:
    """The rows of each table of this shop's database now."""
    with connection.cursor() as cursor:
        return _count_rows(cursor, connection.introspection.table_names(cursor))


def _count_rows(cursor: Any, tables: Iterable[str]) -> dict[str, int]:
    counts = {}
    for table in sorted(tables):
        name = connection.ops.quote_name(table)
        cursor.execute(f"SELECT count(*) FROM {name}")  # nosec B608: a quoted name
        counts[table] = cursor.fetchone()[0]
    return counts
