"""A basket becomes one order, whole or not at all."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django_tasks_db.models import DBTaskResult

from basket import tokens
from basket.backends.base import stores
from shop import codes
from shop.checkout import order_of_basket, start_payment
from shop.compiled import PREPARED
from shop.exceptions import (
    PastCutOff,
)
from shop.models import (
    Draw,
    Hold,
    Order,
)
from tests.shop import make
from tests.shop.baskets import (
    MRS_SSONI,
    drift,
    everything,
    make_basket,
    place,
    taken,
)
from tests.shop.checkout_stage import change, close_orders, enter, expire, with_choice

pytestmark = pytest.mark.django_db


@pytest.fixture
def slot():
    return make.make_slot(places=8)


@pytest.fixture
def bread(slot):
    product = make.make_product(name="Milk bread", variant=False)
    label = {"ingredients": "Wheat flour, milk", "allergens": ["gluten.wheat", "milk"]}
    variant = make.make_variant(product=product, price_cents=450, label=label)
    make.make_capacity(bake_day=slot.bake_day, product=product, limit=10)
    return variant


@pytest.fixture
def loaves(bread):
    return bread.product.capacities.get()


def test_an_order_is_the_basket_in_full(slot, bread, loaves):
    roll = make.make_variant(price_cents=95, product=make.make_product(variant=False))
    contents = make_basket({bread: 2, roll: 3}, slot)
    enter(contents)
    placed = place(contents, contact=replace(MRS_SSONI, note="  for\n Amir "))
    order = Order.objects.get()
    assert placed.is_new
    assert placed.order == order
    assert (order.total_cents, order.tax_cents, order.currency) == (1185, 141, "EUR")
    assert (order.name, order.email) == ("Mrs Ssoni", "ssoni@example.com")
    assert (order.phone, order.note) == ("+353 1 555 0100", "for Amir")
    assert (order.state, order.slot, order.bake_day) == (
        "confirmed",
        slot,
        slot.bake_day,
    )
    first, second = order.lines.all()
    assert (first.variant, first.name, first.quantity) == (bread, "Milk bread", 2)
    assert (first.unit_price_cents, first.total_cents) == (450, 900)
    assert (first.tax_permille, first.tax_cents + second.tax_cents) == (135, 141)
    assert first.ingredients == "Wheat flour, milk"
    assert first.allergens == ["gluten.wheat", "milk"]
    payment = order.payments.get()
    assert (payment.method, payment.amount_cents, payment.state) == (
        *("at_pickup", 1185),
        "due",
    )
    event = order.events.get()
    assert (event.kind, event.from_state, event.to_state) == ("placed", "", "confirmed")
    task = DBTaskResult.objects.get()
    assert task.task_path == "shop.tasks.send_order_mail"
    assert task.args_kwargs == {"args": [order.pk, "confirmation"], "kwargs": {}}
    assert taken(loaves, slot.capacity) == [2, 1]
    assert set(Draw.objects.values_list("order", "hold")) == {(order.pk, None)}
    assert not Hold.objects.exists()
    assert drift() == []


def test_codes_can_be_said_and_secrets_not_guessed(slot, bread):
    order = place(make_basket({bread: 1}, slot)).order
    assert re.fullmatch("[B-DF-HJ-NP-TV-XZ2-9]{5}", order.code)
    assert len(order.secret) == 43
    assert codes.read_code(f" {order.code[:2].lower()}-{order.code[2:]} ") == order.code
    assert codes.read_code("x" * 400) == "X" * 7
    assert codes.read_code("I0O1") == ""


def test_the_basket_is_closed_and_leads_to_the_next(slot, bread):
    contents = make_basket({bread: 1}, slot)
    place(contents)
    after = stores["default"].read(contents.token)
    assert after.state == "ordered"
    assert after.next_token == tokens.next_token_of(contents.token)


def test_pressed_again_it_is_the_same_order(slot, bread, loaves):
    contents = make_basket({bread: 1}, slot)
    order = place(contents).order
    unchanged = everything()
    nobody = replace(MRS_SSONI, name="")
    for again in (contents, stores["default"].read(contents.token)):
        placed = place(again, seen_total_cents=0, contact=nobody)
        assert (placed.order, placed.is_new) == (order, False)
    assert everything() == unchanged
    assert order_of_basket(contents.token) == order
    assert order_of_basket(tokens.new_token()) is None


# Statements from a live hold to the order; SQLite hands the hold on in several.
ORDERING = 5 if connection.vendor == "postgresql" else 12


def statements(contents):
    facts = {"seen_total_cents": 10**6}
    with CaptureQueriesContext(connection) as queries:
        place(contents, **facts)
    marks = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
    return [q["sql"] for q in queries if not q["sql"].startswith(marks)]


@pytest.mark.parametrize("count", [1, 2, 40])
def test_an_order_of_any_size_takes_the_same_few_statements(slot, count):
    lines = {make.make_variant(): 1 for _ in range(count)}
    contents = make_basket(lines, slot)
    enter(contents)
    assert len(statements(contents)) == ORDERING


def test_an_order_with_choices_takes_two_more(slot, bread):
    contents = make_basket({bread: 1}, slot, choices=with_choice(bread))
    enter(contents)
    assert len(statements(contents)) == ORDERING + 2


def test_no_statement_comes_between_the_order_and_its_key(slot, bread):
    contents = make_basket({bread: 1}, slot)
    enter(contents)
    asked = [sql.removeprefix(PREPARED) for sql in statements(contents)]
    writes = [sql for sql in asked if not sql.startswith("SELECT")]
    before, found, _ = writes[0].partition('INSERT INTO "shop_order"')
    assert found
    assert "shop_hold" not in before


def test_without_a_hold_pieces_and_place_are_taken_now(slot, bread, loaves):
    place(make_basket({bread: 4}, slot))
    assert taken(loaves, slot.capacity) == [4, 1]
    assert drift() == []


def test_with_an_expired_hold_the_order_still_goes_through(slot, bread, loaves):
    contents = make_basket({bread: 10}, slot)
    expire(enter(contents))
    place(contents)
    assert taken(loaves, slot.capacity) == [10, 1]
    assert not Hold.objects.exists()


def test_expired_holds_of_others_are_swept_before_refusing(slot, bread, loaves):
    expire(enter(make_basket({bread: 10}, slot)))
    place(make_basket({bread: 10}, slot))
    assert taken(loaves, slot.capacity) == [10, 1]
    assert drift() == []


def test_a_hold_of_an_older_basket_gives_back_what_is_not_ordered(slot, bread, loaves):
    contents = make_basket({bread: 9}, slot)
    enter(contents)
    place(change(contents, bread, 2))
    assert taken(loaves, slot.capacity) == [2, 1]
    assert drift() == []


def test_a_hold_in_time_may_be_ordered_after_the_cut_off(slot, bread, loaves):
    contents = make_basket({bread: 1}, slot)
    enter(contents)
    close_orders(slot)
    assert place(contents).is_new
    assert taken(loaves) == [1]


def test_after_the_cut_off_an_expired_hold_is_too_late(slot, bread):
    contents = make_basket({bread: 1}, slot)
    hold = enter(contents)
    close_orders(slot)
    expire(hold)
    unchanged = everything()
    with pytest.raises(PastCutOff):
        place(contents)
    assert everything() == unchanged


def test_a_cut_off_is_judged_at_the_given_moment(slot, bread):
    contents = make_basket({bread: 1}, slot)
    unchanged = everything()
    with pytest.raises(PastCutOff):
        place(contents, now=slot.bake_day.cut_off)
    assert everything() == unchanged
    assert place(contents, now=slot.bake_day.cut_off - dt.timedelta(seconds=1)).is_new


def test_paying_at_pick_up_leads_nowhere_else(slot, bread):
    assert start_payment(place(make_basket({bread: 1}, slot)).order) is None


@pytest.mark.django_db(transaction=True)
def test_an_order_demands_a_durable_transaction():
    slot = make.make_slot()
    contents = make_basket({make.make_variant(): 1}, slot)
    with pytest.raises(RuntimeError), transaction.atomic():
        place(contents)
    assert not Order.objects.exists()


class Killed(BaseException):
    """As sudden as kill -9: no handler of ours expects it."""


class DieAt:
    """Dies instead of running the nth statement that writes."""

    def __init__(self, nth):
        self.left = nth
        self.at = ""

    def __call__(self, execute, sql, params, many, context):
        if not sql.removeprefix(PREPARED).startswith(("SELECT", "BEGIN")):
            self.left -= 1
            if self.left == 0:
                self.at = sql
                raise Killed
        return execute(sql, params, many, context)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("held", [True, False])
def test_dying_at_any_statement_leaves_nothing(held):
    slot = make.make_slot()
    bread = make.make_variant()
    make.make_capacity(bake_day=slot.bake_day, product=bread.product, limit=10)
    contents = make_basket({bread: 3}, slot)
    if held:
        enter(contents)
    unchanged = everything()
    deaths = 0
    while True:
        dying = DieAt(deaths + 1)
        with connection.execute_wrapper(dying):
            try:
                order = place(contents).order
                break
            except Killed:
                deaths += 1
        assert everything() == unchanged, dying.at
    # SQLite hands a hold on in two steps; PostgreSQL saves the order with all that
    # belongs to it, the units of a hold too, in one.
    in_one = connection.vendor == "postgresql"
    assert deaths == ((3 if held else 5) if in_one else 8)
    assert order.lines.count() == 1
    assert drift() == []
