"""Counters, shoppers and packers at one order at once. Each race has its control."""

from __future__ import annotations

from functools import partial

import pytest
from django.db.models import F, Sum

from shop.customers import remember_customer
from shop.exceptions import MoveNotAllowed
from shop.models import (
    Capacity,
    Customer,
    Order,
    OrderEvent,
    PaymentEvent,
)
from shop.orders import cancel_order, hand_over, pack_line, undo_hand_over
from shop.payments.settle import settle
from tests.races.rivals import errors_in, meeting, race
from tests.shop import make
from tests.shop.baskets import drift, make_basket, place, taken

pytestmark = pytest.mark.django_db(transaction=True)


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
