"""Money that moved is counted once, whoever tells it and how often."""

from __future__ import annotations

import itertools
import random

import pytest

from shop.exceptions import BadChoice
from shop.models import Order, OrderEvent, Payment, PaymentEvent
from shop.payments.at_pickup import PayAtPickup
from shop.payments.base import (
    InvalidPaymentMethod,
    PaymentMethod,
    PaymentMethodHandler,
    payment_methods,
)
from shop.payments.settle import settle
from tests.shop import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment():
    order = make.make_order(total_cents=900)
    return make.make_payment(order=order)


def state(payment):
    return Payment.objects.get(pk=payment.pk).state


def test_money_told_twice_counts_once(payment):
    assert settle(payment, "card", "event-1", 900, {"brand": "x"})
    assert not settle(payment, "card", "event-1", 900)
    assert state(payment) == "paid"
    [event] = payment.events.all()
    assert (event.amount_cents, event.data) == (900, {"brand": "x"})
    [told] = payment.order.events.all()
    assert (told.kind, told.data["paid_cents"]) == ("payment_paid", 900)


def test_the_same_number_of_another_provider_is_another_event(payment):
    assert settle(payment, "card", "1", 450)
    assert settle(payment, "gift", "1", 450)
    assert state(payment) == "paid"


def test_part_of_the_money_is_not_paid(payment):
    settle(payment, "card", "1", 899)
    assert state(payment) == "due"
    assert not OrderEvent.objects.exists()


def test_money_given_back_is_due_again(payment):
    settle(payment, "card", "1", 900)
    settle(payment, "card", "2", -900)
    assert state(payment) == "due"


@pytest.mark.parametrize("order_of_events", list(itertools.permutations(range(3))))
def test_events_in_any_order_end_the_same(payment, order_of_events):
    told = [("1", 900), ("2", -900), ("3", 900)]
    for index in order_of_events:
        settle(payment, "card", *told[index])
    assert state(payment) == "paid"


def test_shuffled_and_doubled_events_count_once_each(payment):
    told = [(str(number), 100) for number in range(9)] * 5
    random.Random(24).shuffle(told)
    counted = [settle(payment, "card", *event) for event in told]
    assert counted.count(True) == 9
    assert sum(PaymentEvent.objects.values_list("amount_cents", flat=True)) == 900
    assert state(payment) == "paid"


def test_an_order_that_waited_for_its_money_is_confirmed(payment):
    Order.objects.update(state="awaiting_payment")
    settle(payment, "card", "1", 900)
    assert Order.objects.get().state == "confirmed"
    kinds = list(OrderEvent.objects.values_list("kind", flat=True))
    assert kinds == ["payment_paid", "confirmed"]


def test_money_for_a_cancelled_order_is_written_down_and_moves_nothing(payment):
    Order.objects.update(state="cancelled")
    Payment.objects.update(state="cancelled")
    settle(payment, "card", "1", 900)
    assert state(payment) == "paid"
    assert Order.objects.get().state == "cancelled"


def test_an_event_that_belongs_to_another_payment_is_refused(payment):
    other = make.make_payment(order=make.make_order())
    settle(payment, "card", "1", 900)
    assert not settle(other, "card", "1", 900)
    assert state(other) == "due"


def test_methods_come_from_the_settings():
    assert isinstance(payment_methods["at_pickup"], PayAtPickup)
    assert payment_methods.chosen("at_pickup") is payment_methods["at_pickup"]
    assert [method.title for method in payment_methods.all()] == [
        "Pay when you pick up"
    ]


@pytest.mark.parametrize("key", ["gold", "", None, ["at_pickup"], "at_pickup\x00"])
def test_a_method_that_is_not_offered_is_a_bad_choice(key):
    with pytest.raises(BadChoice) as refused:
        payment_methods.chosen(key)
    assert refused.value.field == "payment"


@pytest.mark.parametrize(
    "params",
    [
        {"BACKEND": "shop.payments.nowhere.Nothing"},
        {},
        {"BACKEND": "shop.payments.at_pickup.PayAtPickup", "OPTIONS": {"colour": 1}},
        {"BACKEND": "shop.payments.base.PaymentMethod"},
    ],
)
def test_a_method_that_cannot_be_used_is_named(params):
    handler = PaymentMethodHandler({"silver": params})
    with pytest.raises(InvalidPaymentMethod, match="silver"):
        handler["silver"]


def test_the_contract_must_be_filled_in(payment):
    method = PaymentMethod()
    with pytest.raises(NotImplementedError):
        method.start(payment.order, payment)
    with pytest.raises(NotImplementedError):
        method.refund(payment, 900)


def test_paying_at_pick_up_needs_nothing_now(payment):
    method = payment_methods["at_pickup"]
    assert method.start(payment.order, payment) is None
    method.refund(payment, 900)
    assert state(payment) == "due"
