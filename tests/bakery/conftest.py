"""Machines with an empty, migrated shop on SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

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
