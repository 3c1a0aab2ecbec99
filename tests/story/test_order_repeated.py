"""The clone that is placing her order freezes and dies: one order, and she sees it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import psycopg
import pytest

from tests.processes import wait_until
from tests.story.journey import Journey, rows
from tests.story.test_frozen import states

HOLD = "SELECT 1 FROM shop_hold WHERE basket_token = %s FOR UPDATE"
ORDERS = "SELECT count(*) FROM shop_order WHERE basket_token = %s"
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


@pytest.fixture
def before_ordering(journey: Journey) -> Journey:
    """She looks at the page with the button; clone 1 will get her press."""
    journey.at = "clone-1"
    for step in journey.steps():
        if step == journey.place_order:
            break
        step()
    return journey


@pytest.fixture
def press(before_ordering: Journey) -> Iterator[Callable[[], threading.Thread]]:
    """Presses the button beside the test; the answer is told afterwards."""
    journey, pressed = before_ordering, []

    def press() -> threading.Thread:
        fields = journey.last.hidden("/checkout/order/")

        def post() -> None:
            journey.last = journey.visitor.post("/checkout/order/", fields, "clone-1")

        pressed.append(threading.Thread(target=post))
        pressed[-1].start()
        return pressed[-1]

    yield press
    for thread in pressed:
        thread.join()


def sees_her_one_order(journey: Journey, token: str) -> None:
    answer = journey.last
    assert answer.status == 303, answer.text
    assert answer.served_by in set(journey.fleet.clones) - {"clone-1"}
    journey.orders.append(answer.headers["Location"])
    assert rows(journey.fleet, ORDERS, token) == [(1,)]
    journey.has_one_mail_for_each_order()


def token_of(journey: Journey) -> str:
    return journey.visitor.cookies["__Host-basket"][:32]


def test_before_the_clone_has_begun(fleet, before_ordering, press):
    token = token_of(before_ordering)
    fleet.clones["clone-1"].freeze()
    pressed = press()
    assert wait_until(lambda: states(fleet)["clone-1"].startswith("DOWN"), 8)
    fleet.kill("clone-1")
    pressed.join()
    sees_her_one_order(before_ordering, token)


def test_in_the_middle_of_its_transaction(fleet, before_ordering, press):
    """The order's row is written and not yet committed when the clone freezes."""
    token = token_of(before_ordering)
    with (
        psycopg.connect(fleet.backends.postgres.url) as holding,
        psycopg.connect(fleet.backends.postgres.url, autocommit=True) as looking,
    ):
        assert holding.execute(HOLD, [token]).fetchone()
        pressed = press()
        assert wait_until(lambda: looking.execute(WAITING).fetchone()[0] > 0, 3)
        fleet.clones["clone-1"].freeze()
        holding.rollback()
        assert wait_until(lambda: states(fleet)["clone-1"].startswith("DOWN"), 8)
        # The other clone waits for what this one has not committed.
        assert wait_until(lambda: looking.execute(WAITING).fetchone()[0] > 0, 3)
        assert rows(fleet, ORDERS, token) == [(0,)]
        fleet.kill("clone-1")
        pressed.join()
    sees_her_one_order(before_ordering, token)


def test_when_it_thaws_after_another_has_placed_it(fleet, before_ordering, press):
    token = token_of(before_ordering)
    fleet.clones["clone-1"].freeze()
    press().join()
    fleet.clones["clone-1"].thaw()
    assert wait_until(lambda: states(fleet)["clone-1"] == "UP", 8)
    sees_her_one_order(before_ordering, token)
