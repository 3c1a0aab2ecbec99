"""The short way from a hold to an order, and when it must not be taken."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.db.models import F

from shop import limits
from shop.hand_on import handing_on, was_handed_on
from shop.holds import locked_hold
from shop.inserting import insert_together
from shop.models import Draw, Hold, Order
from tests.shop import make
from tests.shop.baskets import drift, everything, make_basket, place, taken
from tests.shop.checkout_stage import enter, expire

on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite hands on in several steps"
)


@pytest.fixture
def slot(db):
    return make.make_slot()


@pytest.fixture
def loaves(slot):
    return make.make_capacity(bake_day=slot.bake_day, product=make.make_product())


@pytest.fixture
def held(slot, loaves):
    """A basket of three loaves and its hold."""
    contents = make_basket({loaves.product.variants.get(): 3}, slot)
    return contents, enter(contents)


def order_of(contents, slot) -> Order:
    """Not saved yet, and of nothing but its hold."""
    nth = make.number()
    return Order(
        code=f"H{nth:05d}", secret=f"held-{nth}", basket_token=contents.token,
        slot=slot, bake_day=slot.bake_day, name="Mrs Ssoni", email="s@example.com",
        currency="EUR", total_cents=0, tax_cents=0,
    )  # fmt: skip


def hand_on(order, contents) -> bool:
    beside = handing_on(order, version=contents.version)
    return was_handed_on(insert_together([order], beside=beside))


@on_postgresql
def test_a_live_hold_becomes_the_orders_in_one_statement(
    held, slot, loaves, django_assert_num_queries
):
    contents, _ = held
    order = order_of(contents, slot)
    with django_assert_num_queries(1):
        assert hand_on(order, contents)
    assert not Hold.objects.exists()
    assert sorted(order.draws.values_list("units", flat=True)) == [1, 3]
    assert taken(loaves, slot.capacity) == [3, 1]
    assert drift() == []


def other_version(contents, hold):
    Hold.objects.update(basket_version=F("basket_version") + 1)


def other_slot(contents, hold):
    Hold.objects.update(slot=make.make_slot())


def is_over(contents, hold):
    expire(hold)


def has_no_draws(contents, hold):
    limits.give_back(hold=hold)


def other_basket(contents, hold):
    Hold.objects.update(basket_token="somebody else's")


@pytest.mark.parametrize(
    "spoil", [other_version, other_slot, is_over, has_no_draws, other_basket]
)
def test_any_other_hold_is_left_as_it_is(held, slot, spoil):
    contents, hold = held
    spoil(contents, hold)
    order = order_of(contents, slot)
    unchanged = everything()
    assert not hand_on(order, contents)
    order.delete()
    assert everything() == unchanged


@on_postgresql
def test_a_second_order_of_the_basket_leaves_its_hold_alone(held, slot):
    contents, _ = held
    make.make_order(slot=slot, basket_token=contents.token)
    unchanged = everything()
    with pytest.raises(IntegrityError), transaction.atomic():
        hand_on(order_of(contents, slot), contents)
    assert everything() == unchanged


# --- another tab enters checkout in this very moment -------------------------------


def take_anew(contents) -> None:
    """As entering checkout does: the old units go back, new ones are taken."""
    hold = locked_hold(contents.token)
    units = dict(hold.draws.values_list("capacity", "units"))
    limits.give_back(hold=hold)
    limits.take(units, hold=hold)


def while_taken_anew(contents, press):
    """What `press` gives or raises, when it waits for a hold that is taken anew."""
    outcome = []

    def run():
        try:
            outcome.append(press())
        except IntegrityError as error:
            outcome.append(error)
        finally:
            connections.close_all()

    presser = threading.Thread(target=run)
    with transaction.atomic():
        take_anew(contents)
        presser.start()
        wait_until_somebody_waits()
    presser.join(60)
    return outcome[0]


def wait_until_somebody_waits():
    until = time.monotonic() + 60
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE NOT granted "
                "AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
            )
            if cursor.fetchone()[0]:
                return
            time.sleep(0.01)
    raise AssertionError("Nobody waits for the hold.")


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_an_order_goes_through_while_another_tab_takes_the_hold_anew(held, loaves):
    contents, _ = held
    placed = while_taken_anew(contents, lambda: place(contents))
    assert (placed.is_new, placed.order) == (True, Order.objects.get())
    assert sorted(Draw.objects.values_list("units", "order")) == [
        (1, placed.order.pk),
        (3, placed.order.pk),
    ]
    assert not Hold.objects.exists()
    assert taken(loaves) == [3]
    assert drift() == []


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_control_the_statement_alone_meets_a_hold_that_was_taken_anew(held, slot):
    contents, _ = held
    order = order_of(contents, slot)

    def press():
        with transaction.atomic():
            return hand_on(order, contents)

    error = while_taken_anew(contents, press)
    assert "taken anew" in str(error)
    assert Hold.objects.count() == 1


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_second_press_stops_at_the_order_and_locks_no_hold(held, slot):
    contents, _ = held
    outcome = []

    def press():
        try:
            with transaction.atomic():
                outcome.append(hand_on(order_of(contents, slot), contents))
        finally:
            connections.close_all()

    presser = threading.Thread(target=press)
    with transaction.atomic():
        insert_together([order_of(contents, slot)])
        presser.start()
        wait_until_somebody_waits()
        assert Hold.objects.select_for_update(nowait=True).get()
        transaction.set_rollback(True)
    presser.join(60)
    assert outcome == [True]
