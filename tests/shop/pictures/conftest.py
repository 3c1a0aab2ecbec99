"""Three storages behind the same tests: memory, a folder, a real S3."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bakery.servers.seaweed import S3, seaweed
from settings.storage import storage as storage_of
from tests.shop.make import number

MEMORY = {"BACKEND": "django.core.files.storage.InMemoryStorage"}


def start_s3(folder: Path) -> S3:
    s3 = seaweed(folder)
    s3.program.start()
    s3.program.wait_until_up(60)
    return s3


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    s3 = start_s3(tmp_path_factory.mktemp("s3"))
    yield s3
    s3.program.stop()


def use(settings, backend: dict) -> None:
    settings.STORAGES = settings.STORAGES | {"default": backend}


def use_bucket(settings, s3: S3) -> None:
    """A bucket of the test's own."""
    name = f"bakery-{number()}"
    s3.make_bucket(name, seconds=60)
    use(settings, storage_of(s3.url(name), Path("/nowhere")))


@pytest.fixture(params=["memory", "folder", pytest.param("s3", marks=pytest.mark.slow)])
def storage(request: pytest.FixtureRequest, settings, tmp_path: Path) -> str:
    """The default storage, empty, of each kind in turn."""
    if request.param == "memory":
        use(settings, MEMORY)
    elif request.param == "folder":
        use(settings, storage_of("file:///media", tmp_path))
    else:
        use_bucket(settings, request.getfixturevalue("s3"))
    return request.param


@pytest.fixture
def memory(settings) -> None:
    """An empty storage in memory."""
    use(settings, MEMORY)
