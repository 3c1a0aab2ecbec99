"""A basket becomes one order, whole or not at all."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from basket import tokens
from basket.backends.base import stores
from shop import codes
from shop.checkout import order_of_basket, start_payment
from shop.choices import parse_choices
from shop.exceptions import (
    BadChoice,
    BasketChanged,
    BasketIsEmpty,
    ChooseASlot,
    LimitReached,
    NotAvailable,
    PastCutOff,
    PriceRose,
)
from shop.holds import enter_checkout
from shop.models import (
    BakeDay,
    Draw,
    Hold,
    Option,
    OptionGroup,
    Order,
    Product,
    Variant,
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

pytestmark = pytest.mark.django_db

HOME = "198.51.100.0/24"


def enter(contents):
    return enter_checkout(contents, network=HOME)


def expire(hold):
    past = timezone.now() - dt.timedelta(seconds=1)
    Hold.objects.filter(pk=hold.pk).update(expires_at=past)


def close_orders(slot):
    BakeDay.objects.filter(pk=slot.bake_day_id).update(cut_off=timezone.now())


def change(contents, variant, quantity, operation="change"):
    stores["default"].put(contents.token, variant.sku, quantity, operation=operation)
    return stores["default"].read(contents.token)


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


def statements(contents):
    facts = {"seen_total_cents": 10**6}
    with CaptureQueriesContext(connection) as queries:
        place(contents, **facts)
    marks = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
    return [q["sql"] for q in queries if not q["sql"].startswith(marks)]


def with_choice(variant):
    group = OptionGroup.objects.create(name="Slicing", slug=f"g-{make.number()}")
    group.products.add(variant.product)
    Option.objects.create(group=group, slug="sliced", name="Sliced")
    return parse_choices(variant, {f"option-{group.slug}": "sliced"})


@pytest.mark.parametrize("count", [1, 2, 40])
def test_an_order_of_any_size_takes_the_same_few_statements(slot, count):
    lines = {make.make_variant(): 1 for _ in range(count)}
    contents = make_basket(lines, slot)
    enter(contents)
    assert len(statements(contents)) == 12


def test_an_order_with_choices_takes_two_more(slot, bread):
    contents = make_basket({bread: 1}, slot, choices=with_choice(bread))
    enter(contents)
    assert len(statements(contents)) == 14


def test_no_statement_comes_between_the_order_and_its_key(slot, bread):
    contents = make_basket({bread: 1}, slot)
    enter(contents)
    writes = [s for s in statements(contents) if not s.startswith("SELECT")]
    assert writes[0].startswith('INSERT INTO "shop_order"')


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


def retire(contents, bread):
    Variant.objects.filter(pk=bread.pk).update(is_active=False)
    return contents


def other_weekday(contents, bread):
    day = BakeDay.objects.get().date
    Product.objects.update(weekdays=0b1111111 & ~(1 << day.weekday()))
    return contents


def lose_slot(contents, bread):
    BakeDay.objects.get().slots.all().delete()
    return contents


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda contents, bread: change(contents, bread, 0), BasketIsEmpty),
        (retire, NotAvailable),
        (other_weekday, NotAvailable),
        (lose_slot, ChooseASlot),
        (lambda contents, bread: change(contents, bread, 11), LimitReached),
        (lambda contents, bread: change(contents, bread, 21), NotAvailable),
        (lambda contents, bread: replace(contents, state="merged"), BasketChanged),
    ],
    ids=[
        *("empty", "gone", "not that weekday", "no slot"),
        *("more than there is", "more than one may order", "merged"),
    ],
)
def test_a_refused_order_changes_nothing(slot, bread, spoil, error):
    contents = spoil(make_basket({bread: 1}, slot), bread)
    unchanged = everything()
    with pytest.raises(error):
        place(contents)
    assert everything() == unchanged


def test_a_full_slot_is_refused(bread, slot):
    full = make.make_slot(bake_day=slot.bake_day, starts=dt.time(9), places=1, taken=1)
    contents = make_basket({bread: 1}, full)
    unchanged = everything()
    with pytest.raises(LimitReached) as refused:
        place(contents)
    assert [short.capacity_id for short in refused.value.short] == [full.capacity.pk]
    assert everything() == unchanged


def test_another_version_than_the_page_showed_is_refused(slot, bread):
    contents = make_basket({bread: 1}, slot)
    unchanged = everything()
    with pytest.raises(BasketChanged):
        place(contents, version=contents.version - 1)
    assert everything() == unchanged


def test_a_basket_that_changes_while_it_is_ordered_is_refused(slot, bread):
    contents = make_basket({bread: 1}, slot)
    change(contents, bread, 5)
    unchanged = everything()
    with pytest.raises(BasketChanged):
        place(contents)
    assert everything() == unchanged


def test_a_price_that_rose_is_asked_again(slot, bread):
    contents = make_basket({bread: 2}, slot)
    Variant.objects.filter(pk=bread.pk).update(price_cents=460)
    unchanged = everything()
    with pytest.raises(PriceRose) as refused:
        place(contents, seen_total_cents=900)
    assert (refused.value.seen_cents, refused.value.now_cents) == (900, 920)
    assert everything() == unchanged
    assert place(contents, seen_total_cents=920).order.total_cents == 920


def test_a_price_that_fell_is_passed_on(slot, bread):
    contents = make_basket({bread: 2}, slot)
    Variant.objects.filter(pk=bread.pk).update(price_cents=400)
    assert place(contents, seen_total_cents=900).order.total_cents == 800


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"contact": replace(MRS_SSONI, name="  ")}, "name"),
        ({"contact": replace(MRS_SSONI, name="x" * 121)}, "name"),
        ({"contact": replace(MRS_SSONI, name="a\x00b")}, "name"),
        ({"contact": replace(MRS_SSONI, email="nobody")}, "email"),
        ({"contact": replace(MRS_SSONI, email="a@b.ie\nBcc: c@d.ie")}, "email"),
        ({"contact": replace(MRS_SSONI, note="x" * 301)}, "note"),
        ({"contact": replace(MRS_SSONI, phone="1" * 41)}, "phone"),
        ({"payment": "gold"}, "payment"),
        ({"payment": ["at_pickup"]}, "payment"),
        ({"payment": ""}, "payment"),
    ],
)
def test_a_bad_answer_is_refused_and_named(slot, bread, facts, field):
    contents = make_basket({bread: 1}, slot)
    unchanged = everything()
    with pytest.raises(BadChoice) as refused:
        place(contents, **facts)
    assert refused.value.field == field
    assert everything() == unchanged


def test_a_code_that_is_taken_is_drawn_again(slot, bread, monkeypatch):
    place(make_basket({bread: 1}, slot))
    Order.objects.update(code="BCDFG")
    drawn = iter("BCDFGBCDFGXWVTS")
    monkeypatch.setattr("secrets.choice", lambda signs: next(drawn))
    assert place(make_basket({bread: 1}, slot)).order.code == "XWVTS"


def test_what_was_promised_stays_when_the_catalogue_changes(slot, bread):
    order = place(make_basket({bread: 1}, slot, choices=with_choice(bread))).order
    Variant.objects.update(price_cents=999, label={}, name="Mini")
    OptionGroup.objects.update(name="Cutting")
    line = order.lines.get()
    assert (line.name, line.unit_price_cents) == ("Milk bread", 450)
    assert line.options == [{"group": "Slicing", "choice": "Sliced"}]
    assert line.allergens == ["gluten.wheat", "milk"]


def test_a_box_draws_its_pieces_and_names_their_allergens(slot, bread, loaves):
    box = make.make_variant(price_cents=1500)
    group = OptionGroup.objects.create(
        name="Pieces", slug="pieces", kind="variants", min_choices=3, max_choices=3
    )
    group.products.add(box.product)
    Option.objects.create(
        group=group,
        slug="bread",
        name="Milk bread",
        variant=bread,
        extra_allergens=["nuts.almond"],
    )
    choices = parse_choices(box, {"option-pieces": ["bread"] * 3})
    order = place(make_basket({box: 2}, slot, choices=choices)).order
    line = order.lines.get()
    assert line.options == [
        {"group": "Pieces", "choice": "Milk bread", "sku": bread.sku, "pieces": 3}
    ]
    assert line.allergens == ["gluten.wheat", "milk", "nuts.almond"]
    assert line.ingredients == "Milk bread: Wheat flour, milk"
    assert (order.total_cents, taken(loaves)) == (3000, [6])


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
        if not sql.startswith(("SELECT", "BEGIN")):
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
    assert deaths == 8
    assert order.lines.count() == 1
    assert drift() == []
