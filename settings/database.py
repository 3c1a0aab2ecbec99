"""Turns DATABASE_URL into Django's database settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from settings.environment import env

# What the server ends by itself, for each connection: waiting for a lock, a statement,
# and a transaction whose owner is frozen or gone without a word. Such a one would keep
# its locks for hours, and with them every checkout of its bake day.
LIMITS = [
    "lock_timeout=3s",
    "statement_timeout=15s",
    "idle_in_transaction_session_timeout=60s",
    "tcp_keepalives_idle=5",
    "tcp_keepalives_interval=2",
    "tcp_keepalives_count=3",
]


def database(url: str, var_dir: Path, threads: int = 4) -> dict[str, Any]:
    """Settings of the URL's database; a relative SQLite path lies in var_dir.

    threads is how many of a process may ask a PostgreSQL at the same time.
    """
    config = env.db_url_config(url)
    if config["ENGINE"].endswith("sqlite3"):
        return config | _sqlite(config, var_dir)
    return config | _postgresql(threads, config.get("OPTIONS", {}))


def cache_database(main: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Beside SQLite a second file for the shared cache, by alias; else nothing.

    Its writes then never hold the lock of the file with the orders. Losing it to a
    power cut loses nothing that counts, so it does not wait for the disk.
    """
    if not main["ENGINE"].endswith("sqlite3"):
        return {}
    pragmas = "PRAGMA journal_mode=WAL;PRAGMA synchronous=OFF;"
    options = main["OPTIONS"] | {"init_command": pragmas, "timeout": 5}
    name = main["NAME"].with_suffix(".cache.sqlite3")
    return {"cache": main | {"NAME": name, "OPTIONS": options}}


def _sqlite(config: dict[str, Any], var_dir: Path) -> dict[str, Any]:
    """Several processes write one file: every transaction takes the write lock first.

    With Django's defaults the same load answered "database is locked" 22,819 times in
    five seconds; with these settings never.
    """
    path = var_dir / config["NAME"]
    path.parent.mkdir(parents=True, exist_ok=True)
    return {
        "NAME": path,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,  # seconds to wait for the write lock
            "init_command": (
                "PRAGMA journal_mode=WAL;"
                "PRAGMA synchronous=FULL;"
                "PRAGMA foreign_keys=ON;"
            ),
        },
    }


def _postgresql(threads: int, given: dict[str, Any]) -> dict[str, Any]:
    """given are the options of the URL, such as sslmode; they count before ours."""
    if given.get("prepare_threshold") == "None":
        given = given | {"prepare_threshold": None}
    options = {
        "connect_timeout": 3,  # seconds
        # So often a statement that is marked for it is planned anew; see
        # bakery/postgresql/prepared.py. None: always, as some poolers need it.
        "prepare_threshold": 5,
    }
    return {
        "ENGINE": "bakery.postgresql",
        "CONN_HEALTH_CHECKS": False,  # the engine asks each time one is lent
        "OPTIONS": options
        | given
        | {
            "options": " ".join(f"-c {limit}" for limit in LIMITS),
            "pool": _pool(threads),
        },
    }


def _pool(threads: int) -> dict[str, Any]:
    """One pool for each process, made with its first query and never before a fork.

    A failed attempt is given up soon, so that the first request after the database's
    return tries anew instead of waiting out a pause. While it is away the engine lets
    one request a second wait for the time-out.
    """
    return {
        "min_size": 1,
        # One more than web threads, for whoever asks whether the database answers; a
        # worker's heartbeat and clock have connections too.
        "max_size": max(threads, 4) + 1,
        "timeout": 2,  # seconds to wait for a connection
        "reconnect_timeout": 1,  # seconds
        "max_idle": 60,  # seconds until one that nobody needs is closed
    }
