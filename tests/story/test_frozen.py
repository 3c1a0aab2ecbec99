"""What hangs: a clone that keeps its connections and is silent, or the database."""

from __future__ import annotations

import secrets
import threading
import time

import psycopg
import pytest

from bakery.servers.haproxy import tell
from tests.processes import wait_until
from tests.story.conftest import answers
from tests.story.crowd import at_once
from tests.story.journey import pieces_on
from tests.story.visitor import Answer, Visitor

BREADS = ["milk-bread", "baguette", "croissant", "bagel"]
ADD = {"sku": "milk-bread", "quantity": 1}


def states(fleet) -> dict[str, str]:
    """What the balancer thinks of each clone: UP, DOWN, NOLB (drains)."""
    head, *rows = tell(fleet.socket, "show stat clones 4 -1").splitlines()
    columns = head.lstrip("# ").split(",")
    found = [dict(zip(columns, row.split(","), strict=False)) for row in rows]
    return {
        each["svname"]: each["status"]
        for each in found
        if each["svname"] in fleet.clones
    }


def taken_out(fleet) -> int:
    """How often the balancer has ever taken a clone out."""
    log = (fleet.folder / "balancer.log").read_text()
    return log.count("is DOWN, reason")


def ask(fleet, cookies: dict[str, str], number: int) -> Answer:
    """Every second one a change with an operation id, in a window of its own."""
    window = Visitor(fleet.port, cookies=dict(cookies))
    if number % 2 == 0:
        return window.get("/basket/")
    fields = {"sku": BREADS[number % 4], "quantity": 1}
    return window.post("/basket/lines/", fields | {"operation": secrets.token_hex(8)})


@pytest.fixture
def shoppers(fleet) -> list[Visitor]:
    shoppers = [Visitor(fleet.port) for _ in range(30)]
    for each in shoppers:
        each.get("/")
    return shoppers


def pieces(shoppers: list[Visitor]) -> int:
    return sum(pieces_on(each.get("/basket/")) for each in shoppers)


def test_no_request_fails_when_a_clone_freezes_under_load(fleet, shoppers):
    frozen = threading.Event()

    def request(number: int) -> Answer:
        if number == 150:
            fleet.clones["clone-3"].freeze()
            frozen.set()
        return ask(fleet, shoppers[number % 30].cookies, number // 30)

    outcome = at_once(600, request, threads=12)
    assert frozen.is_set()
    assert outcome.failed() == [], outcome.problems
    assert max(outcome.seconds) < 8
    assert pieces(shoppers) == outcome.statuses.count(303) == 300
    assert states(fleet)["clone-3"].startswith("DOWN")


def test_a_frozen_clone_is_out_within_seconds_and_comes_back(fleet):
    clone = fleet.clones["clone-2"]
    began = time.monotonic()
    clone.freeze()
    assert wait_until(lambda: states(fleet)["clone-2"].startswith("DOWN"), 8)
    # Three on a machine that has time.
    assert time.monotonic() - began < 6
    clone.thaw()
    assert wait_until(lambda: states(fleet)["clone-2"] == "UP", 8)


def test_what_must_not_be_repeated_is_told_soon_that_it_failed(fleet, visitor):
    """Nobody knows whether the frozen clone does it yet: it is not sent again."""
    fleet.clones["clone-1"].freeze()
    outcome = at_once(1, lambda _: visitor.post("/staff/login/", {}, at="clone-1"), 1)
    # On a connection that had served before, the balancer closes the shopper's too.
    assert outcome.statuses in ([502], [0])
    assert outcome.seconds[0] < 8


@pytest.mark.parametrize(("server", "requests"), [("postgres", 1_200), ("valkey", 600)])
def test_no_clone_is_taken_out_when_what_all_share_hangs(
    fleet, shoppers, server, requests
):
    """Under load that keeps every thread of every clone waiting."""
    before = taken_out(fleet)
    hangs = getattr(fleet.backends, server)
    until = time.monotonic() + 8
    hangs.freeze()

    def request(number: int) -> Answer:
        answer = ask(fleet, shoppers[number % 30].cookies, number // 30)
        if time.monotonic() > until:
            hangs.thaw()
        return answer

    outcome = at_once(requests, request, threads=40)
    hangs.thaw()
    assert taken_out(fleet) == before
    assert set(states(fleet).values()) == {"UP"}
    assert set(outcome.statuses) <= {200, 303, 503}
    assert max(outcome.seconds) < 14  # a query is given up after six
    if server == "valkey":
        assert 503 not in outcome.statuses
    else:
        assert 503 in outcome.statuses


def test_a_clone_that_drains_finishes_what_it_has(fleet, shoppers):
    shopper, told = shoppers[0], []
    shopper.post("/basket/lines/", ADD)
    token = shopper.cookies["__Host-basket"][:32]
    drain = fleet.folder / "drain.clone-4"
    with psycopg.connect(fleet.backends.postgres.url) as locked:
        query = "SELECT 1 FROM basket_basket WHERE token = %s FOR UPDATE"
        assert locked.execute(query, [token]).fetchone()
        change = threading.Thread(
            target=lambda: told.append(
                shopper.post("/basket/lines/", ADD, at="clone-4")
            )
        )
        change.start()
        drain.touch()
        try:
            assert wait_until(lambda: states(fleet)["clone-4"] == "NOLB", 5)
            others = {Visitor(fleet.port).get("/ready").served_by for _ in range(20)}
            locked.rollback()
            change.join()
        finally:
            drain.unlink()
    assert others
    assert "clone-4" not in others
    assert [(each.status, each.served_by) for each in told] == [(303, "clone-4")]
    assert pieces_on(shopper.get("/basket/")) == 2
    assert wait_until(lambda: answers(fleet, "clone-4"), 10)


def test_when_no_clone_passes_they_are_asked_all_the_same(fleet, shoppers):
    """As if the checks themselves were wrong."""
    for name in fleet.clones:
        tell(fleet.socket, f"disable health clones/{name}")
        tell(fleet.socket, f"set server clones/{name} health down")
    try:
        assert {each.split()[0] for each in states(fleet).values()} == {"DOWN"}
        statuses = [
            ask(fleet, shoppers[number].cookies, number).status for number in range(10)
        ]
        assert statuses == [200, 303] * 5
    finally:
        for name in fleet.clones:
            tell(fleet.socket, f"enable health clones/{name}")
