"""One look for all who want to know the same."""

from __future__ import annotations

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from bakery.deploy.shared_look import SharedLook
from tests.processes import wait_until


@pytest.fixture
def begun():
    return threading.Event()


@pytest.fixture
def go_on():
    return threading.Event()


def test_all_who_wait_get_the_next_answer_and_nobody_the_one_before(begun, go_on):
    """The first look began before the others came: something may have changed since."""
    shared, number, came = SharedLook(), itertools.count(1), itertools.count(1)

    def look() -> int:
        begun.set()
        assert go_on.wait(10)
        return next(number)

    def ask() -> int:
        next(came)
        return shared.of(look)

    with ThreadPoolExecutor(12) as threads:
        first = threads.submit(ask)
        assert begun.wait(10)
        others = [threads.submit(ask) for _ in range(11)]
        assert wait_until(lambda: came.__reduce__()[1] == (13,))
        go_on.set()
        assert first.result(10) == 1
        assert {other.result(10) for other in others} == {2}


def test_who_comes_later_looks_anew():
    shared, number = SharedLook(), itertools.count(1)
    assert [shared.of(lambda: next(number)) for _ in range(3)] == [1, 2, 3]


def test_an_error_is_everybody_s_until_the_next_look():
    shared = SharedLook()
    with pytest.raises(ZeroDivisionError):
        shared.of(lambda: 1 // 0)
    assert shared.of(lambda: 7) == 7
