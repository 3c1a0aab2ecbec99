"""Baskets are poured together, or forgotten, while shoppers go on changing them.

Each race has its control: the same without the guard, at its worst moment.
"""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from basket.backends.base import Line
from basket.backends.database import DatabaseBasketStore
from basket.exceptions import BasketIsClosed
from basket.models import Basket, BasketOperation
from tests.races.crowd import THREADS, all_at_once, while_another_waits

pytestmark = pytest.mark.django_db(transaction=True)

T, OTHER, THIRD = "a" * 32, "b" * 32, "c" * 32


@pytest.fixture
def store() -> DatabaseBasketStore:
    return DatabaseBasketStore()


# --- merging -----------------------------------------------------------------------


def test_the_same_merge_from_16_threads_doubles_nothing(store):
    store.add(T, "rye", 2, operation="one")
    store.add(OTHER, "rye", 3, operation="one")
    came = all_at_once(lambda n: store.merge(T, OTHER), THREADS)
    assert came == [[Line("rye", 2)]] * THREADS
    assert store.read(OTHER).lines == (Line("rye", 5),)
    assert store.read(OTHER).version == 2


def test_control_a_merge_that_reads_before_it_locks_doubles(store):
    store.add(T, "rye", 2, operation="one")
    store.add(OTHER, "rye", 3, operation="one")
    have_read = threading.Barrier(4)

    def unlocked(number: int) -> None:
        lines = store.read(T).lines
        have_read.wait()
        for line in lines:
            store.add(OTHER, line.item, line.quantity, operation=f"merge-{number}")

    all_at_once(unlocked, 4, threads=4)
    assert store.read(OTHER).pieces == 11  # 5 would be right


def test_baskets_merged_into_one_at_once_lose_nothing(store):
    for number in range(12):
        store.add(f"{number:032x}", "rye", 1, operation="one")
        store.add(f"{number:032x}", f"item-{number}", 2, operation="two")
    all_at_once(lambda n: store.merge(f"{n:032x}", OTHER), 12, threads=12)
    merged = store.read(OTHER)
    assert merged.line("rye").quantity == 12
    assert merged.pieces == 36
    assert len(merged.lines) == 13


def test_merges_that_cross_neither_deadlock_nor_lose(store):
    """Two baskets into each other, and a ring of three: whoever comes second is told
    where the basket went."""
    for token in (T, OTHER, THIRD):
        store.add(token, "rye", 1, operation="one")
    pairs = [(T, OTHER), (OTHER, T), (OTHER, THIRD), (THIRD, T), (T, THIRD)]

    def merge(number: int) -> str:
        old, into = pairs[number % len(pairs)]
        try:
            store.merge(old, into)
        except BasketIsClosed as closed:
            return closed.next_token
        return into

    assert set(all_at_once(merge, 30)) <= {T, OTHER, THIRD}
    still_open = Basket.objects.get(state="open")
    assert store.read(still_open.token).lines == (Line("rye", 3),)


def test_adds_during_a_merge_land_in_the_one_or_the_other_and_count_once(store):
    store.add(T, "rye", 1, operation="one")

    def race(number: int) -> None:
        if number == 20:
            store.merge(T, OTHER)
            return
        operation = f"add-{number}"
        try:
            store.add(T, "rye", 1, operation=operation)
        except BasketIsClosed as closed:
            store.add(closed.next_token, "rye", 1, operation=operation)

    all_at_once(race, 61)
    assert store.read(T).state == "merged"
    assert store.read(OTHER).lines == (Line("rye", 61),)


def test_a_merge_takes_the_add_it_waited_for(store):
    store.add(T, "rye", 1, operation="one")
    came = while_another_waits(
        lambda: store.add(T, "bun", 2, operation="two"),
        lambda: store.merge(T, OTHER),
    )
    assert came == [Line("rye", 1), Line("bun", 2)]
    assert store.read(OTHER).lines == (Line("rye", 1), Line("bun", 2))


def test_an_add_that_waited_for_a_merge_is_led_on(store):
    store.add(T, "rye", 1, operation="one")

    def late() -> str:
        try:
            store.add(T, "bun", 2, operation="two")
        except BasketIsClosed as closed:
            return closed.next_token
        return T

    assert while_another_waits(lambda: store.merge(T, OTHER), late) == OTHER
    assert store.read(OTHER).lines == (Line("rye", 1),)
    assert store.read(T).line("bun") is None


def test_control_a_merge_without_the_lock_loses_the_add_in_between(store):
    store.add(T, "rye", 1, operation="one")
    lines_were_read, added = threading.Event(), threading.Event()

    def race(number: int) -> None:
        if number == 0:
            lines_were_read.wait()
            store.add(T, "rye", 1, operation="in-between")
            added.set()
            return
        lines = store.read(T).lines
        lines_were_read.set()
        added.wait()
        for line in lines:
            store.add(OTHER, line.item, line.quantity, operation="unlocked")
        Basket.objects.filter(token=T).update(state="merged", next_token=OTHER)

    all_at_once(race, 2, threads=2)
    assert store.read(OTHER).pieces == 1  # 2 would be right


# --- forgetting --------------------------------------------------------------------


def test_forgetting_at_once_on_many_servers_counts_each_basket_once(store):
    for number in range(40):
        store.add(f"{number:032x}", "rye", 1, operation="one")
    forgotten = all_at_once(
        lambda n: store.forget(untouched_for=timedelta(minutes=-1)), 6, threads=6
    )
    assert sum(forgotten) == 40
    assert Basket.objects.count() == 0
    assert BasketOperation.objects.count() == 0
