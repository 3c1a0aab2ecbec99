"""Many shoppers and counters at one point. Each race has its control.

A control does the same without the guard, at the worst moment, and shows what would go
wrong: so the race is real, and the test would see it.
"""

from __future__ import annotations

from functools import partial

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import F, Sum
from django.utils import timezone

from basket.backends.base import stores
from shop.checkout import order_of_basket
from shop.exceptions import LimitReached
from shop.holds import (
    sweep_holds,
)
from shop.models import (
    Capacity,
    Draw,
    Hold,
    Order,
    OrderLine,
)
from shop.orders import cancel_order
from tests.races.rivals import copy_order, errors_in, meeting, network, race
from tests.shop import make
from tests.shop.baskets import drift, make_basket, place, taken
from tests.shop.checkout_stage import enter

pytestmark = pytest.mark.django_db(transaction=True)


# --- one basket, one order ---------------------------------------------------------


@pytest.mark.parametrize("held", [True, False])
def test_fifty_presses_on_one_basket_make_one_order(slot, bread, loaves, held):
    contents = make_basket({bread: 2}, slot)
    if held:
        enter(contents, network=network(1))
    outcomes = race(*[partial(place, contents)] * 50)
    assert errors_in(outcomes) == []
    order = Order.objects.get()
    assert {placed.order.pk for placed in outcomes} == {order.pk}
    assert [placed.is_new for placed in outcomes].count(True) == 1
    assert OrderLine.objects.count() == 1
    assert order.payments.count() == 1
    assert taken(loaves, slot.capacity) == [2, 1]
    assert drift() == []


def test_presses_on_many_servers_that_read_the_basket_anew_make_one_order(slot, bread):
    contents = make_basket({bread: 1}, slot)

    def press():
        fresh = stores["default"].read(contents.token)
        return place(fresh, version=contents.version, seen_total_cents=450).order.pk

    outcomes = race(*[press] * 20)
    assert outcomes == [order_of_basket(contents.token).pk] * 20


def test_control_without_the_key_a_basket_becomes_many_orders(slot, bread):
    contents = make_basket({bread: 1}, slot)
    pattern = make.make_order(slot=slot)
    all_have_looked = meeting(8)

    def press(number):
        is_open = stores["default"].read(contents.token).state == "open"
        all_have_looked()
        if is_open:
            copy_order(pattern, number)

    assert errors_in(race(*[partial(press, number) for number in range(8)])) == []
    assert Order.objects.filter(basket_token__startswith="control").count() == 8


def test_an_order_and_a_change_of_the_basket_do_not_mix(slot, bread):
    for _ in range(8):
        contents = make_basket({bread: 1}, slot)
        add = partial(
            stores["default"].put, contents.token, bread.sku, 3, operation="two-more"
        )
        ordered, changed = race(partial(place, contents), add)
        if isinstance(ordered, Exception):
            assert stores["default"].read(contents.token).pieces == 3
            assert order_of_basket(contents.token) is None
        else:
            assert isinstance(changed, Exception)
            assert ordered.order.lines.get().quantity == 1
        cleared = order_of_basket(contents.token)
        if cleared:
            cancel_order(cleared, by_shopper=True)
    assert drift() == []


# --- the last pieces, the last place -----------------------------------------------


def test_sixty_four_rivals_for_ten_pieces_get_exactly_ten(slot, bread, loaves):
    baskets = [make_basket({bread: 1}, slot) for _ in range(64)]
    outcomes = race(*[partial(place, contents) for contents in baskets])
    assert errors_in(outcomes, LimitReached) == []
    assert sum(not isinstance(outcome, Exception) for outcome in outcomes) == 10
    assert Order.objects.count() == 10
    assert OrderLine.objects.aggregate(sum=Sum("quantity"))["sum"] == 10
    assert taken(loaves, slot.capacity) == [10, 10]
    assert drift() == []


def test_control_with_look_and_then_write_more_is_sold_than_there_is(slot, bread):
    pattern = make.make_order(slot=slot, lines={})
    all_have_looked = meeting(16)

    def press(number):
        sold = OrderLine.objects.aggregate(sum=Sum("quantity"))["sum"] or 0
        all_have_looked()
        if sold + 1 <= 10:
            OrderLine.objects.create(
                order=copy_order(pattern, number),
                variant=bread,
                name="Milk bread",
                quantity=1,
                unit_price_cents=450,
                total_cents=450,
                tax_permille=0,
                tax_cents=0,
            )

    assert errors_in(race(*[partial(press, number) for number in range(16)])) == []
    assert OrderLine.objects.aggregate(sum=Sum("quantity"))["sum"] == 16


def test_rivals_in_checkout_hold_exactly_what_there_is(slot, bread, loaves):
    baskets = [make_basket({bread: 3}, slot) for _ in range(16)]
    outcomes = race(
        *[
            partial(enter, contents, network=network(number))
            for number, contents in enumerate(baskets)
        ]
    )
    assert errors_in(outcomes, LimitReached) == []
    assert Hold.objects.count() == 3
    assert taken(loaves, slot.capacity) == [9, 3]
    assert drift() == []


def test_the_last_place_of_a_slot_is_sold_once(bread, slot):
    full = make.make_slot(
        bake_day=slot.bake_day, starts=make.dt.time(12), places=3, taken=0
    )
    for _ in range(2):
        place(make_basket({make.make_variant(): 1}, full))
    baskets = [make_basket({make.make_variant(): 1}, full) for _ in range(16)]
    outcomes = race(*[partial(place, contents) for contents in baskets])
    assert errors_in(outcomes, LimitReached) == []
    assert sum(not isinstance(outcome, Exception) for outcome in outcomes) == 1
    assert taken(full.capacity) == [3]
    assert full.orders.count() == 3


def test_control_with_look_and_then_write_the_last_place_is_sold_twice(slot):
    pattern = make.make_order(slot=make.make_slot(starts=make.dt.time(12), places=3))
    both_have_looked = meeting(2)

    def press(number):
        free = Order.objects.filter(slot=pattern.slot).count() < 2
        both_have_looked()
        if free:
            copy_order(pattern, number)

    assert errors_in(race(*[partial(press, number) for number in range(2)])) == []
    assert Order.objects.filter(slot=pattern.slot).count() == 3


def test_an_expired_hold_is_ordered_or_swept_and_never_both(slot, bread, loaves):
    for round_ in range(8):
        contents = make_basket({bread: 4}, slot)
        hold = enter(contents, network=network(round_))
        Hold.objects.filter(pk=hold.pk).update(expires_at=timezone.now())
        outcomes = race(partial(place, contents), sweep_holds, sweep_holds)
        assert errors_in(outcomes) == []
        assert taken(loaves) == [4]
        assert drift() == []
        assert not Hold.objects.exists()
        cancel_order(outcomes[0].order, by_shopper=True)


# --- no circle of waiting ----------------------------------------------------------


@pytest.fixture
def two_limits(slot, bread):
    other = make.make_variant()
    make.make_capacity(bake_day=slot.bake_day, product=other.product, limit=1000)
    Capacity.objects.update(limit=1000)
    return bread, other


def test_baskets_in_opposite_order_never_wait_in_a_circle(slot, two_limits):
    one, two = two_limits
    baskets = [
        make_basket(lines, slot)
        for _ in range(16)
        for lines in ({one: 1, two: 1}, {two: 1, one: 1})
    ]
    outcomes = race(*[partial(place, contents) for contents in baskets])
    assert errors_in(outcomes) == []
    assert taken(*Capacity.objects.order_by("pk")) == [32, 32, 32]


def test_holds_that_swap_their_pieces_never_wait_in_a_circle(slot, two_limits):
    """Each gives back what the other takes, in one transaction, again and again."""
    one, two = two_limits
    later = make.make_slot(bake_day=slot.bake_day, starts=make.dt.time(12))
    shoppers = [make_basket({one: 1}, slot), make_basket({two: 1}, later)]

    def swap(contents, number, before, after):
        for turn in range(20):
            for variant, quantity in ((before, 0), (after, 1)):
                stores["default"].put(
                    contents.token,
                    variant.sku,
                    quantity,
                    operation=f"swap-{turn}-{variant.sku}",
                    details={"sku": variant.sku, "options": [], "seen_cents": 450},
                )
            fresh = stores["default"].read(contents.token)
            enter(fresh, network=network(number))
            before, after = after, before

    outcomes = race(
        partial(swap, shoppers[0], 1, one, two), partial(swap, shoppers[1], 2, two, one)
    )
    assert errors_in(outcomes) == []
    assert drift() == []
    assert Draw.objects.count() == 4


def test_control_taking_in_the_baskets_order_waits_in_a_circle(two_limits):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite's transactions take turns: none waits inside another")
    ids = [variant.product.capacities.get().pk for variant in two_limits]
    both_have_one = meeting(2)

    def take_one_by_one(first, second):
        with transaction.atomic():
            Capacity.objects.filter(pk=first).update(taken=F("taken") + 1)
            both_have_one()
            Capacity.objects.filter(pk=second).update(taken=F("taken") + 1)

    outcomes = race(
        partial(take_one_by_one, *ids), partial(take_one_by_one, *reversed(ids))
    )
    [error] = errors_in(outcomes)
    assert isinstance(error, OperationalError)
    assert "deadlock" in str(error)
