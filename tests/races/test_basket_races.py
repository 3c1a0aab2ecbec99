"""Many servers change one shopper's basket at once. Each race has its control.

A control does the same with the guard taken away, at its worst moment, and shows that
pieces get lost or counted twice: so the race is real, and the test would see it.
"""

from __future__ import annotations

import threading
from collections import Counter

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from basket import tokens
from basket.backends.base import Line
from basket.backends.database import DatabaseBasketStore
from basket.exceptions import BasketIsClosed, LineTooLarge, TooManyLines
from basket.middleware import BasketMiddleware
from basket.models import MAX_LINES, Basket, BasketLine, BasketOperation
from basket.operations import operation_of
from tests.races.crowd import THREADS, all_at_once, while_another_waits

pytestmark = pytest.mark.django_db(transaction=True)

T, NEXT = "a" * 32, "d" * 32


@pytest.fixture
def store() -> DatabaseBasketStore:
    return DatabaseBasketStore()


def pieces() -> int:
    return sum(BasketLine.objects.values_list("quantity", flat=True))


# --- adds --------------------------------------------------------------------------


def test_180_adds_at_once_keep_180(store):
    items = ("rye", "bun", "cake")
    changes = all_at_once(
        lambda n: store.add(T, items[n % 3], 1, operation=f"add-{n}"), 180
    )
    assert sorted(change.version for change in changes) == list(range(1, 181))
    contents = store.read(T)
    assert contents.version == 180
    assert {line.item: line.quantity for line in contents.lines} == dict.fromkeys(
        items, 60
    )


def test_control_read_and_write_back_loses_adds(store):
    store.add(T, "rye", 1, operation="makes-the-line")
    have_read = threading.Barrier(8)

    def read_then_write(number: int) -> None:
        held = store.read(T).line("rye").quantity
        have_read.wait()
        store.put(T, "rye", held + 1, operation=f"write-{number}")

    all_at_once(read_then_write, 8, threads=8)
    assert pieces() == 2  # 9 would be right


def test_the_last_room_of_a_line_is_filled_exactly(store):
    store.add(T, "rye", 90, operation="one")

    def add(number: int) -> int:
        try:
            store.add(T, "rye", 1, operation=f"add-{number}")
        except LineTooLarge:
            return 0
        return 1

    assert sum(all_at_once(add, 48)) == 9
    assert store.read(T).lines == (Line("rye", 99),)
    assert store.read(T).version == 10


def test_the_last_room_of_a_basket_is_filled_exactly(store):
    for number in range(MAX_LINES - 5):
        store.add(T, f"item-{number}", 1, operation=f"item-{number}")

    def add(number: int) -> int:
        try:
            store.add(T, f"new-{number}", 1, operation=f"new-{number}")
        except TooManyLines:
            return 0
        return 1

    assert sum(all_at_once(add, 48)) == 5
    assert len(store.read(T).lines) == MAX_LINES


def test_control_counting_lines_first_overfills_a_basket(store):
    for number in range(MAX_LINES - 1):
        store.add(T, f"item-{number}", 1, operation=f"item-{number}")
    basket = Basket.objects.get()
    have_counted = threading.Barrier(8)

    def count_then_add(number: int) -> None:
        free = MAX_LINES - basket.lines.count()
        have_counted.wait()
        if free:
            basket.lines.create(item=f"new-{number}", quantity=1)

    all_at_once(count_then_add, 8, threads=8)
    assert basket.lines.count() == MAX_LINES + 7


def test_a_line_that_is_gone_when_its_turn_comes_needs_room_like_a_new_one(store):
    for number in range(MAX_LINES):
        store.add(T, f"item-{number}", 1, operation=f"item-{number}")

    def swap_for_another() -> None:
        store.put(T, "item-0", 0, operation="out")
        store.add(T, "another", 1, operation="in")

    def one_more() -> str:
        try:
            store.add(T, "item-0", 1, operation="late")
        except TooManyLines:
            return "refused"
        return "added"

    assert while_another_waits(swap_for_another, one_more) == "refused"
    assert len(store.read(T).lines) == MAX_LINES
    assert store.read(T).version == MAX_LINES + 2


def test_a_line_that_came_before_its_removals_turn_is_taken_out(store):
    store.add(T, "bun", 1, operation="makes-the-basket")
    gone = while_another_waits(
        lambda: store.add(T, "rye", 1, operation="in"),
        lambda: store.put(T, "rye", 0, operation="out"),
    )
    assert (gone.version, gone.quantity) == (3, 0)
    assert store.read(T).lines == (Line("bun", 1),)


def test_taking_out_while_others_add_never_leaves_what_it_answered_for(store):
    """A line is gone at the version that its removal answered, however it raced."""

    def change(number: int) -> tuple[str, int, int]:
        if number % 2:
            gone = store.put(T, "rye", 0, operation=f"out-{number}")
            return "out", gone.version, gone.quantity
        more = store.add(T, "rye", 1, operation=f"add-{number}")
        return "add", more.version, more.quantity

    held = 0
    for verb, _, quantity in sorted(all_at_once(change, 120), key=lambda one: one[1]):
        held = held + 1 if verb == "add" else 0
        assert quantity == held
    assert pieces() == held


# --- repeats -----------------------------------------------------------------------


def test_the_same_operation_from_16_threads_counts_once(store):
    changes = all_at_once(lambda n: store.add(T, "rye", 2, operation="one"), THREADS)
    assert {(change.version, change.quantity) for change in changes} == {(1, 2)}
    assert Counter(change.repeated for change in changes) == {True: 15, False: 1}
    assert pieces() == 2
    assert BasketOperation.objects.count() == 1


def test_the_same_removal_and_the_same_fact_count_once_too(store):
    store.add(T, "rye", 2, operation="one")
    out = all_at_once(lambda n: store.put(T, "rye", 0, operation="out"), THREADS)
    assert {(change.version, change.quantity) for change in out} == {(2, 0)}
    noted = all_at_once(lambda n: store.remember(T, {"n": n}, operation="n"), THREADS)
    assert {(change.version, change.quantity) for change in noted} == {(3, 0)}
    first = next(n for n, change in enumerate(noted) if not change.repeated)
    assert store.read(T).details == {"n": first}


def test_control_looking_for_the_operation_first_counts_it_more_than_once(store):
    store.add(T, "rye", 2, operation="makes-the-line")
    have_looked = threading.Barrier(8)

    def look_then_add(number: int) -> None:
        known = BasketOperation.objects.filter(operation="one").exists()
        have_looked.wait()
        if not known:
            store.add(T, "rye", 2, operation=f"unguarded-{number}")

    all_at_once(look_then_add, 8, threads=8)
    assert pieces() == 18  # 4 would be right


# --- first clicks ------------------------------------------------------------------


def click(cookies: dict[str, str], number: int) -> str:
    """A whole request through the cookie layer; the token its response leads to."""
    request = RequestFactory().post("/", {"operation": f"click-{number:04}"})
    request.COOKIES.update(cookies)

    def add(request: HttpRequest) -> HttpResponse:
        operation = operation_of(request, "add", "rye")
        request.basket.add("rye", 1, operation=operation)
        return HttpResponse()

    response = BasketMiddleware(add)(request)
    return tokens.read(response.cookies["basket"].value)


def test_50_first_clicks_at_once_keep_50_in_one_basket():
    cookies = {"basket": tokens.sign(tokens.new_token())}
    led_to = all_at_once(lambda n: click(cookies, n), 50)
    assert len(set(led_to)) == 1
    assert Basket.objects.count() == 1
    assert pieces() == 50


def test_control_first_clicks_without_the_cookie_of_a_first_page_scatter():
    led_to = all_at_once(lambda n: click({}, n), 50)
    assert len(set(led_to)) == 50
    assert Basket.objects.count() == 50
    kept = Basket.objects.get(token=led_to[-1])
    assert sum(line.quantity for line in kept.lines.all()) == 1


# --- orders ------------------------------------------------------------------------


def test_a_basket_is_closed_once_and_never_changes_after(store):
    """Adds race 16 attempts to close: the order gets exactly what was there at its
    version, everything later is led on to the next basket."""
    store.add(T, "rye", 1, operation="one")

    def race(number: int) -> str:
        if number % 3 == 0:
            version = store.read(T).version
            return f"closed {store.close(T, version=version, next_token=NEXT)}"
        try:
            store.add(T, "rye", 1, operation=f"add-{number}")
        except BasketIsClosed as closed:
            store.add(closed.next_token, "rye", 1, operation=f"add-{number}")
            return "led on"
        return "added"

    answers = Counter(all_at_once(race, 60))
    assert answers["closed True"] <= 1
    assert store.read(T).pieces == 1 + answers["added"]
    assert store.read(NEXT).pieces == answers["led on"]
    assert pieces() == 41


def test_control_closing_without_the_version_orders_what_nobody_saw(store):
    store.add(T, "rye", 1, operation="one")
    seen = store.read(T)
    added = threading.Event()

    def race(number: int) -> None:
        if number == 0:
            store.add(T, "rye", 1, operation="two")
            added.set()
        else:
            added.wait()
            Basket.objects.filter(token=T).update(state="ordered", next_token=NEXT)

    all_at_once(race, 2, threads=2)
    assert store.read(T).state == "ordered"
    assert store.read(T).pieces == 2
    assert seen.pieces == 1
    assert store.close(T, version=seen.version, next_token=NEXT) is False
