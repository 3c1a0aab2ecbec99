"""After checkout: moves, cancellation, packing, hand-over."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from shop.exceptions import MoveNotAllowed, PastCutOff
from shop.models import BakeDay, Order, OrderEvent
from shop.orders import (
    MOVES,
    UNDO_SECONDS,
    can_cancel,
    cancel_order,
    hand_over,
    move_order,
    pack_line,
    pack_order,
    undo_hand_over,
)
from tests.shop import make
from tests.shop.baskets import drift, everything, make_basket, place, taken

pytestmark = pytest.mark.django_db

State = Order.State
ENDS = {State.CANCELLED, State.EXPIRED, State.HANDED_OVER}


@pytest.fixture
def slot():
    return make.make_slot(places=8)


@pytest.fixture
def bread(slot):
    variant = make.make_variant(price_cents=450)
    make.make_capacity(bake_day=slot.bake_day, product=variant.product, limit=10)
    return variant


@pytest.fixture
def loaves(bread):
    return bread.product.capacities.get()


@pytest.fixture
def order(slot, bread):
    roll = make.make_variant(price_cents=90)
    return place(make_basket({bread: 3, roll: 2}, slot)).order


@pytest.fixture
def mina():
    return make.make_user(name="Mina")


def put_in(order, state):
    Order.objects.filter(pk=order.pk).update(state=state)
    order.refresh_from_db()
    return order


def kinds(order):
    return list(order.events.values_list("kind", flat=True))


def close_orders():
    BakeDay.objects.update(cut_off=timezone.now())


# --- moves -------------------------------------------------------------------------


def test_the_table_knows_every_state():
    assert set(MOVES) == set(State.values)
    assert {to for targets in MOVES.values() for to in targets} <= set(State.values)
    assert {state for state, targets in MOVES.items() if not targets} == ENDS


@pytest.mark.parametrize("came_from", State.values)
@pytest.mark.parametrize("to", State.values)
def test_only_moves_of_the_table_are_made(order, came_from, to):
    put_in(order, came_from)
    unchanged = everything()
    if to in MOVES[came_from]:
        event = move_order(order, to)
        assert (event.from_state, event.to_state, event.kind) == (came_from, to, to)
        assert Order.objects.get().state == order.state == to
    elif came_from == to and to in {State.CANCELLED, State.HANDED_OVER}:
        pass  # a repeat: see the tests of each
    else:
        with pytest.raises(MoveNotAllowed):
            move_order(order, to)
        assert everything() == unchanged


def test_a_move_says_who_and_why(order, mina):
    event = move_order(order, State.IN_PRODUCTION, actor=mina, oven=2)
    assert (event.actor, event.data) == (mina, {"oven": 2})


def test_a_state_that_does_not_exist_is_an_error(order):
    with pytest.raises(ValueError, match="burnt"):
        move_order(order, "burnt")


def test_a_move_from_an_old_page_counts_from_where_the_order_is(order):
    old = Order.objects.get()
    move_order(order, State.IN_PRODUCTION)
    assert move_order(old, State.READY).from_state == State.IN_PRODUCTION


def test_an_order_that_was_not_paid_in_time_lets_go(order, loaves, slot):
    put_in(order, State.AWAITING_PAYMENT)
    move_order(order, State.EXPIRED)
    assert taken(loaves, slot.capacity) == [0, 0]
    assert order.payments.get().state == "cancelled"


# --- cancelling --------------------------------------------------------------------


def test_a_cancelled_order_gives_pieces_and_place_back(order, loaves, slot):
    assert taken(loaves, slot.capacity) == [3, 1]
    assert can_cancel(order)
    assert not cancel_order(order, by_shopper=True).repeated
    assert taken(loaves, slot.capacity) == [0, 0]
    assert order.state == Order.objects.get().state == State.CANCELLED
    assert order.payments.get().state == "cancelled"
    assert kinds(order) == ["placed", "cancelled"]
    assert OrderEvent.objects.last().data == {"by_shopper": True}
    [_, mail] = DBTaskResult.objects.order_by("enqueued_at")
    assert mail.args_kwargs["args"] == [order.pk, "cancellation"]
    assert not can_cancel(order)
    assert drift() == []


def test_cancelled_twice_is_cancelled_once(order):
    again = Order.objects.get()
    cancel_order(order, by_shopper=True)
    unchanged = everything()
    assert cancel_order(again, by_shopper=True).repeated
    assert cancel_order(order, by_shopper=False).repeated
    assert move_order(again, State.CANCELLED).kind == "cancelled"
    assert everything() == unchanged


def test_after_the_cut_off_staff_may_cancel_and_the_shopper_not(order, loaves):
    close_orders()
    unchanged = everything()
    with pytest.raises(PastCutOff):
        cancel_order(order, by_shopper=True)
    assert everything() == unchanged
    assert not can_cancel(order)
    cancel_order(order, by_shopper=False)
    assert taken(loaves) == [0]


def test_the_cut_off_is_the_given_moment_exclusive(order):
    cut_off = order.bake_day.cut_off
    assert not can_cancel(order, cut_off)
    assert can_cancel(order, cut_off - dt.timedelta(seconds=1))
    with pytest.raises(PastCutOff):
        cancel_order(order, by_shopper=True, now=cut_off)


@pytest.mark.parametrize("state", [State.IN_PRODUCTION, State.READY, State.HANDED_OVER])
def test_a_shopper_cannot_cancel_what_is_baked(order, state):
    put_in(order, state)
    unchanged = everything()
    with pytest.raises(MoveNotAllowed):
        cancel_order(order, by_shopper=True)
    assert everything() == unchanged


def test_nobody_cancels_what_was_handed_over(order):
    hand_over(order, actor=None)
    unchanged = everything()
    with pytest.raises(MoveNotAllowed):
        cancel_order(order, by_shopper=False)
    assert everything() == unchanged


# --- packing -----------------------------------------------------------------------


def test_the_last_tick_makes_the_order_ready(order, mina):
    first, second = order.lines.all()
    half = pack_line(first, True, actor=mina)
    assert (half.packed, half.lines, half.complete) == (1, 2, False)
    assert half.order.state == State.CONFIRMED
    assert pack_line(second, True, actor=mina).complete
    order.refresh_from_db()
    assert order.state == State.READY
    assert order.events.last().actor == mina


def test_a_tick_can_be_repeated_and_taken_off(order):
    pack_order(order)
    line = order.lines.first()
    stamp = line.packed_at
    pack_line(line, True)
    assert order.lines.first().packed_at == stamp
    assert not pack_line(line, False).complete
    assert not pack_line(line, False).complete
    order.refresh_from_db()
    assert order.state == State.IN_PRODUCTION
    assert kinds(order) == ["placed", "ready", "in_production"]


def test_packing_all_can_be_repeated(order):
    assert pack_order(order).complete
    unchanged = everything()
    assert pack_order(order).complete
    assert everything() == unchanged


@pytest.mark.parametrize("state", [State.CANCELLED, State.HANDED_OVER])
def test_what_is_gone_is_not_packed(order, state):
    put_in(order, state)
    unchanged = everything()
    with pytest.raises(MoveNotAllowed):
        pack_line(order.lines.first(), True)
    with pytest.raises(MoveNotAllowed):
        pack_order(order)
    assert everything() == unchanged


# --- hand-over ---------------------------------------------------------------------


def test_handing_over_takes_what_is_due(order, mina):
    result = hand_over(order, actor=mina)
    assert not result.repeated
    assert (result.event.actor, result.event.kind) == (mina, "handed_over")
    payment = order.payments.get()
    assert payment.state == "paid"
    [event] = payment.events.all()
    assert (event.provider, event.amount_cents) == ("at_pickup", 1530)
    assert event.data == {"hand_over": result.event.pk}


def test_a_second_hand_over_tells_of_the_first(order, mina):
    first = hand_over(order, actor=mina)
    unchanged = everything()
    second = hand_over(Order.objects.get(), actor=make.make_user(name="Jo"))
    assert second.repeated
    assert second.event == first.event
    assert str(second.event.actor) == "Mina"
    assert everything() == unchanged


def test_a_cancelled_order_is_not_handed_over(order):
    cancel_order(order, by_shopper=False)
    unchanged = everything()
    with pytest.raises(MoveNotAllowed):
        hand_over(order, actor=None)
    assert everything() == unchanged


def test_a_late_customer_still_gets_the_order(order):
    move_order(order, State.NOT_COLLECTED)
    assert not hand_over(order, actor=None).repeated


def test_a_hand_over_can_be_undone_within_a_minute(order, mina):
    pack_order(order)
    first = hand_over(order, actor=mina)
    soon = first.event.at + dt.timedelta(seconds=UNDO_SECONDS)
    assert not undo_hand_over(order, actor=mina, now=soon).repeated
    assert order.state == Order.objects.get().state == State.READY
    payment = order.payments.get()
    assert payment.state == "due"
    assert list(payment.events.values_list("amount_cents", flat=True)) == [1530, -1530]
    unchanged = everything()
    assert undo_hand_over(order, actor=mina).repeated
    assert everything() == unchanged
    again = hand_over(order, actor=mina)
    assert not again.repeated
    assert again.event.pk > first.event.pk
    payment.refresh_from_db()
    assert payment.state == "paid"
    assert sum(payment.events.values_list("amount_cents", flat=True)) == 1530


def test_after_a_minute_a_hand_over_stands(order):
    late = hand_over(order, actor=None).event.at + dt.timedelta(seconds=61)
    unchanged = everything()
    with pytest.raises(MoveNotAllowed):
        undo_hand_over(order, actor=None, now=late)
    assert everything() == unchanged


def test_what_was_not_handed_over_cannot_be_undone(order):
    unchanged = everything()
    with pytest.raises(MoveNotAllowed):
        undo_hand_over(order, actor=None)
    assert everything() == unchanged
