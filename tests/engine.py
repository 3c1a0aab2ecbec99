"""Starts the database the tests run on, before Django reads its settings.

TEST_ENGINE=postgresql (the default) starts a real server from the wheel and stops it
at the end; TEST_ENGINE=sqlite takes a file of its own. A DATABASE_URL that is already
set wins. Under xdist the controlling process starts it, the workers inherit the URL.
Whatever else the tests write goes into a folder that is removed at the end, and no
other variable of the shop reaches them: they run the same on every desk.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from bakery.servers.postgres import Postgres
from settings.environment import VARIABLES


def _start_database(folder: Path) -> str:
    engine = os.environ.get("TEST_ENGINE", "postgresql")
    if engine == "postgresql":
        server = Postgres()
        atexit.register(server.stop)
        return server.start().url
    if engine == "sqlite":
        return f"sqlite:///{folder / 'bakery.sqlite3'}"
    raise SystemExit(f"TEST_ENGINE is {engine!r}; it can be postgresql or sqlite.")


def _prepare() -> None:
    for name in VARIABLES:
        if name != "DATABASE_URL":
            os.environ.pop(name, None)
    folder = Path(tempfile.mkdtemp(prefix="bakery-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["VAR_DIR"] = str(folder)
    if "DATABASE_URL" not in os.environ:
        os.environ["DATABASE_URL"] = _start_database(folder)


if "PYTEST_XDIST_WORKER" not in os.environ:
    _prepare()


def pytest_report_header() -> str:
    return f"database: {os.environ['DATABASE_URL'].split(':')[0]}"
