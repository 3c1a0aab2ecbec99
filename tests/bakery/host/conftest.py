"""A host in a folder, and small releases to bring there."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.bakery.host.machine import Host
from tests.bakery.host.small import SmallRelease


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    host = Host(tmp_path)
    yield host
    host.clean_up()


@pytest.fixture
def runit() -> None:
    if not shutil.which("runsvdir") or not shutil.which("svlogd"):
        pytest.skip("there is no runit on this machine (apt install runit)")


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The one that all small releases need, built once."""
    folder = tmp_path_factory.mktemp("environment")
    host, release = Host(folder), SmallRelease(folder, "good")
    release.bring_to(host.base)
    assert host.run("install", release.id)[0] == 0
    return host.base / "environments" / release.lock


@pytest.fixture
def built_before(host: Host, environment: Path) -> None:
    """The host has it already, so that installing a release takes no time."""
    host.base.joinpath("environments").mkdir(parents=True)
    host.base.joinpath("environments", environment.name).symlink_to(environment)


@pytest.fixture
def small(tmp_path: Path) -> Callable[[str], SmallRelease]:
    """Makes a release by what it does: small("never ready")."""
    made: dict[str, SmallRelease] = {}

    def make(kind: str) -> SmallRelease:
        if kind not in made:
            made[kind] = SmallRelease(tmp_path, kind)
        return made[kind]

    return make
