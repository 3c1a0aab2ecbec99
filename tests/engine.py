"""Starts the database the tests run on, before Django reads its settings.

TEST_ENGINE=postgresql (the default) starts a real server from the wheel and stops it
at the end; TEST_ENGINE=sqlite takes a file of its own. A DATABASE_URL that is already
set wins. Under xdist the controlling process starts it, the workers inherit the URL.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from bakery.servers.postgres import Postgres


def _start() -> str:
    engine = os.environ.get("TEST_ENGINE", "postgresql")
    if engine == "postgresql":
        server = Postgres()
        atexit.register(server.stop)
        return server.start().url
    if engine == "sqlite":
        folder = tempfile.mkdtemp(prefix="bakery-sqlite-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        return f"sqlite:///{Path(folder, 'bakery.sqlite3')}"
    raise SystemExit(f"TEST_ENGINE is {engine!r}; it can be postgresql or sqlite.")


if "PYTEST_XDIST_WORKER" not in os.environ and "DATABASE_URL" not in os.environ:
    os.environ["DATABASE_URL"] = _start()


def pytest_report_header() -> str:
    return f"database: {os.environ['DATABASE_URL'].split(':')[0]}"
