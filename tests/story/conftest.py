"""One fleet for all of these tests: HAProxy, 5 clones, PostgreSQL, Valkey, S3."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bakery.fleet.local import LocalFleet
from bakery.fleet.plan import Plan
from tests.processes import wait_until
from tests.story.journey import Journey, log_in
from tests.story.visitor import Visitor

CLONES = 5
LIGHT = Plan(
    name="story",
    workers=1,
    pictures=False,
    steerable=True,
    requests_per_10s=1_000_000,
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.fleet)
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalFleet]:
    fleet = LocalFleet(tmp_path_factory.mktemp("fleet"), LIGHT)
    try:
        fleet.up(CLONES)
        yield fleet
    finally:
        fleet.down()


@pytest.fixture
def fleet(_running: LocalFleet) -> LocalFleet:
    """The fleet, whole again whatever the test before has done to it."""
    backends = _running.backends
    backends.valkey.thaw()
    if not backends.valkey.runs:
        backends.valkey.start()
        backends.valkey.wait_until_up()
    backends.postgres.thaw()
    if not backends.postgres.runs:
        backends.postgres.resume()
    for clone in _running.clones.values():
        clone.thaw()
    if len(_running.clones) != CLONES or not all(
        clone.runs for clone in _running.clones.values()
    ):
        _running.scale(CLONES)
    assert wait_until(lambda: all(is_whole(_running, n) for n in _running.clones), 30)
    return _running


def answers(fleet: LocalFleet, name: str) -> bool:
    """Does the balancer have this clone answer?"""
    answer = Visitor(fleet.port).get("/ready", at=name)
    return answer.status == 200 and answer.served_by == name


def is_whole(fleet: LocalFleet, name: str) -> bool:
    """Does it answer, and has it noticed that database and cache are back?"""
    answer = Visitor(fleet.port).get("/ready", at=name)
    return answer.served_by == name and json.loads(answer.text)["status"] == "ready"


@pytest.fixture
def visitor(fleet: LocalFleet) -> Visitor:
    return Visitor(fleet.port)


@pytest.fixture(scope="session")
def staff(_running: LocalFleet) -> Visitor:
    """The owner, logged in once: through all the faults nobody has to do it again."""
    staff = Visitor(_running.port)
    assert log_in(_running, staff).status == 302
    return staff


@pytest.fixture
def journey(fleet: LocalFleet, staff: Visitor) -> Journey:
    """Mrs Ssoni before her first step; the owner is logged in."""
    return Journey(fleet, Visitor(fleet.port), staff)
