"""Many shoppers and counters at one point. Each race has its control.

A control does the same without the guard, at the worst moment, and shows what would go
wrong: so the race is real, and the test would see it.
"""

from __future__ import annotations

import threading
from functools import partial

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import F, Sum
from django.utils import timezone

from basket.backends.base import stores
from shop.checkout import order_of_basket
from shop.customers import remember_customer
from shop.exceptions import LimitReached, MoveNotAllowed, TooManyHolds
from shop.holds import (
    MAX_HOLDS_PER_NETWORK,
    enter_checkout,
    extend_hold,
    live_hold,
    sweep_holds,
)
from shop.models import (
    Capacity,
    Customer,
    Draw,
    Hold,
    Order,
    OrderEvent,
    OrderLine,
    PaymentEvent,
)
from shop.orders import cancel_order, hand_over, pack_line, undo_hand_over
from shop.payments.settle import settle
from tests.races.rivals import errors_in, race
from tests.shop import make
from tests.shop.baskets import drift, make_basket, place, taken

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE_SECONDS = 60


@pytest.fixture
def slot():
    return make.make_slot(places=100)


@pytest.fixture
def bread(slot):
    variant = make.make_variant(price_cents=450)
    make.make_capacity(bake_day=slot.bake_day, product=variant.product, limit=10)
    return variant


@pytest.fixture
def loaves(bread):
    return bread.product.capacities.get()


def network(number):
    return f"198.51.{number}.0/24"


def meeting(parties):
    """Where the rivals of a control wait until all have looked."""
    barrier = threading.Barrier(parties)
    return lambda: barrier.wait(PATIENCE_SECONDS)


def copy_order(order, number):
    """One more order like it, written without asking anybody."""
    return Order.objects.create(
        **{
            field: getattr(order, field)
            for field in ("name", "email", "currency", "total_cents", "tax_cents")
        },
        slot_id=order.slot_id,
        bake_day_id=order.bake_day_id,
        code=f"C{number}",
        secret=f"control-{number}",
        basket_token=f"control-{number}",
    )


# --- one basket, one order ---------------------------------------------------------


@pytest.mark.parametrize("held", [True, False])
def test_fifty_presses_on_one_basket_make_one_order(slot, bread, loaves, held):
    contents = make_basket({bread: 2}, slot)
    if held:
        enter_checkout(contents, network=network(1))
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
            partial(enter_checkout, contents, network=network(number))
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
        hold = enter_checkout(contents, network=network(round_))
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
            enter_checkout(fresh, network=network(number))
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


# --- holds -------------------------------------------------------------------------


def test_many_tabs_entering_at_once_share_one_hold(slot, bread, loaves):
    """From several networks, as a phone does that leaves the house."""
    contents = make_basket({bread: 2}, slot)
    outcomes = race(
        *[partial(enter_checkout, contents, network=network(n)) for n in range(8)]
    )
    assert errors_in(outcomes) == []
    assert {hold.pk for hold in outcomes} == {Hold.objects.get().pk}
    assert taken(loaves, slot.capacity) == [2, 1]
    assert drift() == []


def test_tabs_that_enter_again_at_once_all_count_as_extensions(slot, bread, loaves):
    contents = make_basket({bread: 2}, slot)
    enter_checkout(contents, network=network(1))
    outcomes = race(
        *[partial(enter_checkout, contents, network=network(n)) for n in range(3)]
    )
    assert errors_in(outcomes) == []
    assert live_hold(contents.token).extensions == 3
    assert taken(loaves, slot.capacity) == [2, 1]


def test_one_network_never_has_more_than_its_holds(slot, bread, loaves):
    baskets = [make_basket({bread: 1}, slot) for _ in range(20)]
    outcomes = race(
        *[partial(enter_checkout, basket, network=network(1)) for basket in baskets]
    )
    assert errors_in(outcomes, TooManyHolds) == []
    assert Hold.objects.count() == MAX_HOLDS_PER_NETWORK
    assert taken(loaves) == [MAX_HOLDS_PER_NETWORK]


def test_control_counting_and_then_holding_passes_the_cap(slot):
    all_have_counted = meeting(8)

    def enter(_):
        held = Hold.objects.filter(network=network(1)).count()
        all_have_counted()
        if held < MAX_HOLDS_PER_NETWORK:
            make.make_hold(slot=slot, network=network(1))

    assert errors_in(race(*[partial(enter, number) for number in range(8)])) == []
    assert Hold.objects.count() == 8


def test_a_hold_is_never_extended_a_fourth_time(slot, bread):
    contents = make_basket({bread: 1}, slot)
    enter_checkout(contents, network=network(1))
    assert errors_in(race(*[partial(extend_hold, contents.token)] * 12)) == []
    assert live_hold(contents.token).extensions == 3


# --- after checkout ----------------------------------------------------------------


def again(order):
    """The order as another server would read it."""
    return Order.objects.select_related("bake_day").get(pk=order.pk)


def test_an_order_cancelled_by_many_at_once_gives_back_once(slot, bread, loaves):
    place(make_basket({bread: 5}, slot))
    order = place(make_basket({bread: 4}, slot)).order
    outcomes = race(
        *[partial(cancel_order, again(order), by_shopper=True) for _ in range(16)]
    )
    assert errors_in(outcomes) == []
    assert [outcome.repeated for outcome in outcomes].count(False) == 1
    assert taken(loaves, slot.capacity) == [5, 1]
    assert OrderEvent.objects.filter(kind="cancelled").count() == 1
    assert drift() == []


def test_control_looking_and_then_giving_back_gives_back_twice(slot, bread, loaves):
    place(make_basket({bread: 5}, slot))
    order = place(make_basket({bread: 2}, slot)).order
    both_have_looked = meeting(2)

    def cancel():
        is_live = again(order).state == "confirmed"
        both_have_looked()
        if is_live:
            Order.objects.filter(pk=order.pk).update(state="cancelled")
            Capacity.objects.filter(pk=loaves.pk).update(taken=F("taken") - 2)

    assert errors_in(race(cancel, cancel)) == []
    assert taken(loaves) == [3]


def test_an_order_is_cancelled_or_handed_over_and_never_both(slot, bread, loaves):
    ends = set()
    for _ in range(12):
        order = place(make_basket({bread: 4}, slot)).order
        cancelled, handed = race(
            partial(cancel_order, again(order), by_shopper=False),
            partial(hand_over, again(order), actor=None),
        )
        order.refresh_from_db()
        ends.add(order.state)
        payment = order.payments.get()
        if order.state == "cancelled":
            assert isinstance(handed, MoveNotAllowed)
            assert (payment.state, payment.events.count()) == ("cancelled", 0)
            assert not order.draws.exists()
        else:
            assert isinstance(cancelled, MoveNotAllowed)
            assert (payment.state, payment.events.count()) == ("paid", 1)
            assert order.draws.count() == 2
            Order.objects.filter(pk=order.pk).update(state="confirmed")
            cancel_order(again(order), by_shopper=False)
        assert taken(loaves) == [0]
    assert ends <= {"cancelled", "handed_over"}
    assert drift() == []


def test_an_order_handed_over_at_two_counters_was_handed_over_once(slot, bread):
    order = place(make_basket({bread: 1}, slot)).order
    staff = [make.make_user() for _ in range(8)]
    outcomes = race(*[partial(hand_over, again(order), actor=one) for one in staff])
    assert errors_in(outcomes) == []
    assert {outcome.event.pk for outcome in outcomes} == {
        OrderEvent.objects.get(kind="handed_over").pk
    }
    assert [outcome.repeated for outcome in outcomes].count(False) == 1
    assert PaymentEvent.objects.get().amount_cents == 450
    undone = race(*[partial(undo_hand_over, again(order), actor=None)] * 4)
    assert errors_in(undone) == []
    assert [outcome.repeated for outcome in undone].count(False) == 1
    assert PaymentEvent.objects.aggregate(sum=Sum("amount_cents"))["sum"] == 0


def test_two_packers_at_the_last_two_lines_make_the_order_ready(slot, bread):
    for _ in range(8):
        order = place(make_basket({make.make_variant(): 1, bread: 1}, slot)).order
        lines = list(order.lines.all())
        outcomes = race(*[partial(pack_line, line, True) for line in lines])
        assert errors_in(outcomes) == []
        order.refresh_from_db()
        assert order.state == "ready"
        assert [outcome.complete for outcome in outcomes].count(True) == 1


def test_a_payment_told_by_many_at_once_counts_once(slot, bread):
    order = place(make_basket({bread: 1}, slot)).order
    payment = order.payments.get()
    counted = race(*[partial(settle, payment, "card", "event-1", 450)] * 12)
    assert errors_in(counted) == []
    assert counted.count(True) == 1
    assert PaymentEvent.objects.count() == 1


def test_a_payment_told_while_the_order_is_handed_over_blocks_nobody(slot, bread):
    for number in range(8):
        order = place(make_basket({bread: 1}, slot)).order
        told = partial(settle, order.payments.get(), "card", f"event-{number}", 450)
        assert errors_in(race(told, partial(hand_over, again(order), actor=None))) == []
        assert order.payments.get().state == "paid"


def test_a_new_customer_with_many_orders_at_once_is_one_customer(slot):
    orders = [
        make.make_order(slot=slot, email=email)
        for email in ("ssoni@example.com", "SSONI@example.com") * 4
    ]
    assert errors_in(race(*[partial(remember_customer, one) for one in orders])) == []
    customer = Customer.objects.get()
    assert Order.objects.filter(customer=customer).count() == 8


def test_a_stale_page_cannot_reopen_what_another_server_ended(slot, bread):
    order = place(make_basket({bread: 1}, slot)).order
    stale = again(order)
    cancel_order(order, by_shopper=True)
    with pytest.raises(MoveNotAllowed):
        hand_over(stale, actor=None)
    assert again(order).state == "cancelled"
    assert cancel_order(stale, by_shopper=True).repeated
