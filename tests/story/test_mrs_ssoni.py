"""The story: whoever dies between two steps, her basket and her order are there."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from itertools import cycle

import pytest
import redis

from bakery.fleet.local import LocalFleet
from tests.processes import wait_until
from tests.story.conftest import answers
from tests.story.journey import Journey
from tests.story.visitor import Visitor

Fault = Callable[[Journey], Iterator[None]]


def nothing(journey: Journey) -> Iterator[None]:
    while True:
        yield


def clone_killed(journey: Journey) -> Iterator[None]:
    """The one that has just answered; the one before it has come back meanwhile."""
    fleet, dead = journey.fleet, ""
    while True:
        if dead:
            fleet.start_clone(dead)
        dead = journey.at
        fleet.kill(dead)
        yield


def cache_emptied(journey: Journey) -> Iterator[None]:
    while True:
        redis.Redis(port=journey.fleet.backends.valkey.port).flushall()
        yield


def cache_frozen(journey: Journey) -> Iterator[None]:
    """It hangs for every other step."""
    while True:
        journey.fleet.backends.valkey.freeze()
        yield
        journey.fleet.backends.valkey.thaw()
        yield


def cache_killed_and_back_with_old_data(journey: Journey) -> Iterator[None]:
    """It knows nothing of the step that was taken without it."""
    valkey = journey.fleet.backends.valkey
    folder = journey.fleet.folder / "valkey"
    kept = journey.fleet.folder / "valkey-kept"
    while True:
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(folder, kept)
        valkey.kill()
        yield
        shutil.rmtree(folder)
        shutil.copytree(kept, folder)
        valkey.start()
        valkey.wait_until_up()
        yield


def database_restarted(journey: Journey) -> Iterator[None]:
    postgres = journey.fleet.backends.postgres
    while True:
        postgres.halt()
        postgres.resume()
        assert wait_until(lambda: all_reach_the_database(journey.fleet), 10)
        yield
        postgres.kill()
        postgres.resume()
        assert wait_until(lambda: all_reach_the_database(journey.fleet), 10)
        yield


def all_reach_the_database(fleet: LocalFleet) -> bool:
    """A clone that was refused a moment ago leaves the database in peace for one."""
    pages = (Visitor(fleet.port).get("/basket/", at=name) for name in fleet.clones)
    return all(page.status == 200 for page in pages)


FAULTS = [
    nothing,
    clone_killed,
    cache_emptied,
    cache_frozen,
    cache_killed_and_back_with_old_data,
    database_restarted,
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_mrs_ssoni_gets_her_bread_whoever_answers(journey, fault):
    clones = cycle(["clone-5", "clone-2", "clone-4", "clone-1", "clone-3"])
    trouble = fault(journey)
    journey.at = next(clones)
    then = next(clones)
    for step in journey.steps():
        step()
        next(trouble)
        journey.at, then = then, next(clones)
        for name in (journey.at, then):
            assert wait_until(lambda name=name: answers(journey.fleet, name), 60)
        journey.everything_is_there(journey.at, then)
    assert all(
        a != b for a, b in zip(journey.answered, journey.answered[1:], strict=False)
    )
    assert len(set(journey.answered)) == 5
    journey.has_one_mail_for_each_order()


def test_two_clones_give_the_same_answer_to_the_letter(journey):
    for path in ("/", "/product/milk-bread/", "/category/breads/", "/basket/"):
        one, two = (journey.visitor.get(path, at=f"clone-{n}") for n in (5, 2))
        assert (one.served_by, two.served_by) == ("clone-5", "clone-2")
        assert (one.status, one.text) == (two.status, two.text)
