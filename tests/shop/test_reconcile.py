"""Reconciling: what is kept agrees with what it comes from."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from shop.draws import draws_for
from shop.drift import Drift
from shop.limits import take
from shop.models import Capacity, Draw, Order, OrderLine, Payment, PaymentEvent
from shop.reconcile import reconcile
from tests.shop import make

pytestmark = pytest.mark.django_db

TUE = make.dt.date(2026, 11, 24)


@pytest.fixture
def day(db):
    return make.make_bake_day(date=TUE)


@pytest.fixture
def bread(day):
    product = make.make_product(name="Milk bread", price_cents=450)
    make.make_capacity(bake_day=day, product=product, limit=20)
    return product.variants.get()


@pytest.fixture
def slot(day):
    return make.make_slot(bake_day=day)


def order_of(slot, lines, **facts):
    """An order as the checkout leaves it: drawn, and to be paid."""
    order = make.make_order(slot=slot, lines=lines, **facts)
    take(draws_for(lines.items(), slot.bake_day, slot), order=order)
    make.make_payment(order=order)
    return order


def facts(found):
    return [(each.kind, each.what, each.stored, each.actual) for each in found]


def taken(of):
    return Capacity.objects.get(product=of.product).taken


def test_an_empty_shop_and_an_honest_one_agree(bread, slot):
    assert reconcile() == []
    order_of(slot, {bread: 3})
    order_of(slot, {bread: 2, make.make_variant(): 1})
    hold = make.make_hold(slot=slot)
    take(draws_for([(bread, 1)], slot.bake_day, slot), hold=hold)
    order_of(slot, {}, state=Order.State.CANCELLED).draws.all().delete()
    Capacity.objects.filter(slot=slot).update(taken=3)
    Payment.objects.filter(order__state="cancelled").update(state="cancelled")
    assert reconcile() == []


def test_a_limit_that_counts_wrong_is_reported_and_mended(bread, slot):
    order_of(slot, {bread: 3})
    Capacity.objects.filter(product=bread.product).update(taken=7)
    limit = Capacity.objects.get(product=bread.product)
    expected = Drift("limit", limit.pk, "Milk bread on Tue 24 Nov", 7, 3)
    assert reconcile() == [expected]
    assert taken(bread) == 7
    [mended] = reconcile(fix=True)
    assert (mended.stored, mended.actual, mended.fixed) == (7, 3, True)
    assert taken(bread) == 3
    assert reconcile() == []


def test_a_limit_without_draws_is_reported_too(bread):
    Capacity.objects.update(taken=1)
    assert facts(reconcile(fix=True)) == [("limit", "Milk bread on Tue 24 Nov", 1, 0)]
    assert taken(bread) == 0


def test_draws_beyond_the_limit_are_reported_but_not_hidden(bread, slot):
    order_of(slot, {bread: 3})
    limit = Capacity.objects.filter(product=bread.product)
    limit.update(taken=2, limit=2)
    [found] = reconcile(fix=True)
    assert (found.stored, found.actual, found.fixed) == (2, 3, False)
    assert taken(bread) == 2
    limit.update(overbook_reason="a wedding")
    assert [each.fixed for each in reconcile(fix=True)] == [True]
    assert taken(bread) == 3


def test_an_order_that_drew_too_little_draws_what_it_needs(bread, slot):
    order = make.make_order(slot=slot, lines={bread: 3}, code="AB12CD")
    make.make_payment(order=order)
    assert facts(reconcile()) == [
        ("order draws", "AB12CD, Milk bread on Tue 24 Nov", 0, 3),
        ("order draws", "AB12CD, 08:00–08:30 on Tue 24 Nov", 0, 1),
    ]
    assert all(each.fixed for each in reconcile(fix=True))
    assert taken(bread) == 3
    assert reconcile() == []


def test_an_order_without_room_is_left_as_it_is(bread, slot):
    order = order_of(slot, {bread: 3})
    Capacity.objects.filter(product=bread.product).update(limit=4)
    OrderLine.objects.filter(order=order).update(
        quantity=5, total_cents=2250, unit_price_cents=450
    )
    Order.objects.update(total_cents=2250)
    Payment.objects.update(amount_cents=2250)
    [found] = reconcile(fix=True)
    assert (found.stored, found.actual, found.fixed) == (3, 5, False)
    assert taken(bread) == 3
    assert order.draws.count() == 2


def test_a_cancelled_order_that_still_draws_gives_back(bread, slot):
    order_of(slot, {bread: 3}, state=Order.State.CANCELLED)
    Payment.objects.update(state=Payment.State.CANCELLED)
    assert [each.kind for each in reconcile()] == ["order draws", "order draws"]
    assert all(each.fixed for each in reconcile(fix=True))
    assert taken(bread) == 0
    assert not Draw.objects.exists()


def test_a_limit_that_is_too_full_is_mended_once_a_cancelled_order_gives_back(
    bread, slot
):
    order_of(slot, {bread: 3})
    order_of(slot, {bread: 4}, state=Order.State.CANCELLED)
    Payment.objects.filter(order__state="cancelled").update(state="cancelled")
    Capacity.objects.filter(product=bread.product).update(limit=5, taken=5)
    assert all(each.fixed for each in reconcile(fix=True))
    assert taken(bread) == 3
    assert reconcile() == []


def test_a_limit_that_was_set_after_the_order_counts_it(day, slot):
    rye = make.make_product(name="Rye").variants.get()
    order_of(slot, {rye: 3})
    limit = make.make_capacity(bake_day=day, product=rye.product, limit=10)
    [found] = reconcile(fix=True)
    assert (found.kind, found.stored, found.actual, found.fixed) == (
        "order draws",
        0,
        3,
        True,
    )
    limit.refresh_from_db()
    assert limit.taken == 3


def test_weights_of_variants_resources_and_boxes_are_counted(day, bread, slot):
    box = make.make_variant(product=make.make_product(variant=False), pieces=6)
    make.make_capacity(bake_day=day, product=box.product, limit=100)
    oven = make.make_resource(name="Oven", uses={bread: 2, box: 12})
    make.make_capacity(bake_day=day, resource=oven, limit=100)
    order = order_of(slot, {bread: 1, box: 2})
    assert reconcile() == []
    line = OrderLine.objects.get(order=order, variant=box)
    line.options = [{"group": "Box", "choice": "bread", "sku": bread.sku, "pieces": 3}]
    line.save()
    found = sorted(facts(reconcile()))
    assert found == [
        ("order draws", f"{order.code}, Milk bread on Tue 24 Nov", 1, 7),
        ("order draws", f"{order.code}, Oven on Tue 24 Nov", 26, 38),
    ]


def test_a_hold_without_its_place_is_reported_and_left_to_expire(slot):
    hold = make.make_hold(slot=slot)
    [found] = reconcile(fix=True)
    assert (found.kind, found.pk) == ("hold draws", hold.pk)
    assert (found.stored, found.actual, found.fixed) == (0, 1, False)


def test_sums_of_an_order_are_its_lines_and_its_payments(bread, slot):
    order = order_of(slot, {bread: 2}, code="AB12CD")
    Order.objects.filter(pk=order.pk).update(total_cents=800, tax_cents=7)
    assert facts(reconcile(fix=True)) == [
        ("order total", "AB12CD", 800, 900),
        ("order tax", "AB12CD", 7, 0),
        ("payment sum", "AB12CD", 900, 800),
    ]
    order.refresh_from_db()
    assert (order.total_cents, order.tax_cents) == (800, 7)


@pytest.mark.parametrize(
    ("state", "moved", "agrees"),
    [
        ("due", [], True),
        ("due", [200], True),
        ("due", [200, 250], False),
        ("paid", [450], True),
        ("paid", [500], True),
        ("paid", [450, -50], False),
        ("cancelled", [450], False),
        ("refunded", [450, -450], True),
        ("refunded", [450, -200], False),
    ],
)
def test_the_state_of_a_payment_is_what_the_money_says(
    bread, slot, state, moved, agrees
):
    gone = state in ("cancelled", "refunded")
    order = make.make_order(slot=slot, lines={bread: 1})
    if gone:
        Order.objects.update(state=Order.State.CANCELLED)
    else:
        take(draws_for([(bread, 1)], slot.bake_day, slot), order=order)
    payment = make.make_payment(order=order, state=state)
    for number, amount in enumerate(moved):
        PaymentEvent.objects.create(
            payment=payment,
            provider="counter",
            event_id=str(number),
            amount_cents=amount,
        )
    kinds = [each.kind for each in reconcile()]
    assert kinds == ([] if agrees else ["payment state"])


def test_a_clean_shop_takes_eleven_statements_up_to_thousands_of_orders(
    bread, slot, django_assert_num_queries
):
    order_of(slot, {bread: 1})
    with django_assert_num_queries(11):
        assert reconcile() == []
    for _ in range(5):
        order_of(slot, {bread: 1})
    with django_assert_num_queries(11):
        assert reconcile() == []


def test_a_large_table_is_judged_part_by_part(bread, slot, monkeypatch):
    """No statement takes longer than the database allows, however many orders."""
    orders = [order_of(slot, {bread: 1}) for _ in range(5)]
    Order.objects.filter(pk__in=[orders[1].pk, orders[4].pk]).update(total_cents=1)
    Draw.objects.filter(order__in=[orders[0], orders[3]]).update(units=2)
    whole = reconcile()
    asked = []
    monkeypatch.setattr("shop.drift.STEP", 2)
    monkeypatch.setattr("shop.drift.AT_ONCE", 1)
    with connection.execute_wrapper(lambda run, *call: asked.append(1) or run(*call)):
        assert reconcile() == whole
    assert {each.kind for each in whole} >= {"order total", "order draws", "limit"}
    assert len(asked) > 11


# --- the command -------------------------------------------------------------------


def test_a_clean_shop_exits_0(capsys):
    call_command("reconcile")
    assert capsys.readouterr().out == "Everything agrees.\n"


def test_drift_exits_1_and_names_each_number(bread, capsys):
    Capacity.objects.update(taken=4)
    with pytest.raises(CommandError, match="1 number did not agree; 0 fixed, 1 left"):
        call_command("reconcile")
    assert capsys.readouterr().out == (
        "limit: Milk bread on Tue 24 Nov: is 4, should be 0\n"
    )


def test_fixed_drift_exits_0(bread, capsys):
    Capacity.objects.update(taken=4)
    call_command("reconcile", "--fix")
    assert capsys.readouterr().out == (
        "limit: Milk bread on Tue 24 Nov: is 4, should be 0 (fixed)\n"
        "1 number did not agree; 1 fixed, 0 left.\n"
    )
    assert taken(bread) == 0


def test_machines_read_json(bread, capsys):
    Capacity.objects.update(taken=4)
    with pytest.raises(CommandError):
        call_command("reconcile", "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["clean"] is False
    assert told["drift"] == [
        {
            "kind": "limit",
            "pk": Capacity.objects.get().pk,
            "what": "Milk bread on Tue 24 Nov",
            "stored": 4,
            "actual": 0,
            "fixed": False,
        }
    ]


def test_correcting_a_limit_that_has_moved_meanwhile_changes_nothing(bread, slot):
    from shop.limits import correct

    Capacity.objects.update(taken=4)
    limit = Capacity.objects.get(product=bread.product)
    with transaction.atomic():
        assert not correct(limit.pk, seen=5)
    assert taken(bread) == 4
