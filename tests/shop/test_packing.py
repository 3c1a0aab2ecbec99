"""The packing list: who gets what, when, and how far packing has come."""

import datetime as dt

import pytest
from django.utils import timezone

from shop.models import Order, OrderLine
from shop.packing import packing_list, packing_order
from tests.shop.make import make_bake_day, make_order, make_slot, make_variant

pytestmark = pytest.mark.django_db


def codes_by_slot(packing):
    return [
        (group.slot.starts, [bag.order.code for bag in group.orders])
        for group in packing.slots
    ]


def test_slots_come_in_time_order_and_orders_by_code():
    day = make_bake_day()
    late = make_slot(bake_day=day, starts=dt.time(16))
    early = make_slot(bake_day=day, starts=dt.time(7, 30))
    for slot, code in ((late, "ZZZZZ"), (early, "ZZZZX"), (early, "BBBBB")):
        make_order(slot=slot, code=code)
    assert codes_by_slot(packing_list(day.date)) == [
        (dt.time(7, 30), ["BBBBB", "ZZZZX"]),
        (dt.time(16), ["ZZZZZ"]),
    ]


@pytest.mark.parametrize("state", ["awaiting_payment", "cancelled", "expired"])
def test_what_is_not_baked_is_not_packed(state):
    order = make_order(state=state)
    assert packing_list(order.bake_day.date).slots == ()


def test_ready_and_handed_over_orders_count_as_packed():
    slot = make_slot()
    for state in ("confirmed", "in_production", "ready", "handed_over"):
        make_order(slot=slot, state=state)
    packing = packing_list(slot.bake_day.date)
    assert (packing.packed, packing.total) == (2, 4)


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Mrs Ssoni", "Ssoni"),
        ("Leo Amadi-Kelly", "Leo"),
        ("Dr. Ng", "Ng"),
        ("Mr", "Mr"),
        ("김 민아", "김"),
        ("St Brigid’s School", "Brigid’s"),
    ],
)
def test_the_name_to_call_out_is_the_first_that_is_no_title(name, first):
    assert packing_order(make_order(name=name)).first_name == first


def test_words_tell_how_much_is_in_the_bag():
    order = make_order(lines={make_variant(): 1, make_variant(): 2})
    assert packing_order(order).words == "to pack"
    OrderLine.objects.filter(pk=order.lines.first().pk).update(packed_at=timezone.now())
    assert packing_order(Order.objects.get()).words == "1 of 2 in the bag"
    Order.objects.update(state="ready")
    assert packing_order(Order.objects.get()).words == "packed and ready"


def test_allergens_are_in_words():
    order = make_order()
    order.lines.update(allergens=["milk", "gluten.wheat"])
    (line,) = packing_order(order).lines
    assert line.allergens == ["gluten (wheat)", "milk"]


def test_more_orders_ask_the_database_nothing_more(django_assert_num_queries):
    slot = make_slot()
    for _ in range(12):
        make_order(slot=slot, lines={make_variant(): 1, make_variant(): 1})
    with django_assert_num_queries(2):
        packing = packing_list(slot.bake_day.date)
        assert sum(len(b.lines) for group in packing.slots for b in group.orders) == 24
