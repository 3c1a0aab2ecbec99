"""Machines with an empty, migrated shop on SQLite; a PostgreSQL or S3 of one's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler

from bakery.servers.postgres import Postgres
from bakery.servers.seaweed import S3, seaweed
from settings.database import database
from tests.processes import Machine, copy_database


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with all migrations and no row, to be copied."""
    machine = Machine(tmp_path_factory.mktemp("migrated"))
    machine.manage("migrate", "--verbosity=0")
    return machine.folder / "bakery.sqlite3"


@pytest.fixture
def machine(tmp_path: Path, migrated: Path) -> Iterator[Machine]:
    machine = Machine(tmp_path, settings="tests.bakery.impatient")
    copy_database(migrated, tmp_path)
    yield machine
    machine.clean_up()


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """An empty PostgreSQL for one module's tests: theirs to freeze and to fill."""
    server = Postgres()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    """A real S3 without any bucket, for one module's tests."""
    server = seaweed(tmp_path_factory.mktemp("s3"))
    server.program.start()
    try:
        server.program.wait_until_up(30)
        yield server
    finally:
        server.program.stop()


@pytest.fixture
def connect(
    server: Postgres, tmp_path: Path
) -> Iterator[Callable[..., BaseDatabaseWrapper]]:
    """connect("?option=value"): a connection as the shop has it, with its own pool."""
    made: list[BaseDatabaseWrapper] = []

    def connect(options: str = "") -> BaseDatabaseWrapper:
        settings = {"default": database(server.url + options, tmp_path)}
        made.append(ConnectionHandler(settings)["default"])
        return made[-1]

    yield connect
    for connection in made:
        connection.close()
        connection.close_pool()
