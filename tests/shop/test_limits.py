"""Limits are taken and given back whole."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from shop.draws import draws_for
from shop.limits import LimitReached, give_back, hand_on, take
from shop.models import Capacity, Draw
from tests.shop import make

pytestmark = pytest.mark.django_db


def taken(*capacities):
    return [Capacity.objects.get(pk=capacity.pk).taken for capacity in capacities]


def test_units_are_taken_and_written_down_for_their_hold():
    loaves, oven = make.make_capacity(limit=10), make.make_capacity(limit=5, taken=1)
    hold = make.make_hold()
    take({oven.pk: 4, loaves.pk: 2}, hold=hold)
    assert taken(loaves, oven) == [2, 5]
    drawn = Draw.objects.order_by("capacity").values_list("capacity", "units", "hold")
    assert list(drawn) == [(loaves.pk, 2, hold.pk), (oven.pk, 4, hold.pk)]


def test_taking_is_two_statements(django_assert_num_queries):
    capacities = [make.make_capacity() for _ in range(5)]
    hold = make.make_hold()
    with django_assert_num_queries(2):
        take({capacity.pk: 1 for capacity in capacities}, hold=hold)


def test_nothing_is_taken_when_one_limit_is_short():
    loaves, oven = make.make_capacity(limit=10), make.make_capacity(limit=5, taken=2)
    with pytest.raises(LimitReached) as refused:
        take({loaves.pk: 1, oven.pk: 4}, order=make.make_order())
    assert taken(loaves, oven) == [0, 2]
    assert not Draw.objects.exists()
    [short] = refused.value.short
    assert (short.capacity_id, short.left) == (oven.pk, 3)


def test_after_a_refusal_the_transaction_goes_on():
    loaves = make.make_capacity(limit=3)
    hold = make.make_hold()
    with pytest.raises(LimitReached):
        take({loaves.pk: 4}, hold=hold)
    take({loaves.pk: 3}, hold=hold)
    assert taken(loaves) == [3]


def test_a_refusal_says_what_is_left_in_plain_words():
    day = make.make_bake_day(date=make.dt.date(2026, 11, 24))
    bread = make.make_product(name="Milk bread")
    loaves = make.make_capacity(bake_day=day, product=bread, limit=10, taken=7)
    oven = make.make_capacity(
        bake_day=day, resource=make.make_resource(name="Oven"), limit=1, taken=1
    )
    place = make.make_slot(bake_day=day, places=2, taken=2).capacity
    with pytest.raises(LimitReached) as refused:
        take({loaves.pk: 4, oven.pk: 1, place.pk: 1}, hold=make.make_hold())
    assert str(refused.value) == (
        "Only 3 left of Milk bread for Tue 24 Nov. Nothing is left of Oven for "
        "Tue 24 Nov. No place is left at the pick-up time 08:00–08:30 on Tue 24 Nov."
    )
    assert [short.left for short in refused.value.short] == [3, 0, 0]


def test_a_limit_with_a_reason_for_overbooking_always_has_enough():
    loaves = make.make_capacity(limit=1, taken=1, overbook_reason="a wedding")
    take({loaves.pk: 5}, hold=make.make_hold())
    assert taken(loaves) == [6]


def test_a_limit_that_is_gone_refuses_the_whole():
    loaves = make.make_capacity()
    with pytest.raises(LimitReached, match="no longer") as refused:
        take({loaves.pk: 1, loaves.pk + 1000: 1}, hold=make.make_hold())
    assert refused.value.short == ()
    assert taken(loaves) == [0]


def test_taking_more_for_the_same_hold_adds_to_its_draws():
    loaves = make.make_capacity(limit=10)
    hold = make.make_hold()
    take({loaves.pk: 2}, hold=hold)
    take({loaves.pk: 3}, hold=hold)
    assert taken(loaves) == [5]
    assert Draw.objects.get().units == 5


@pytest.mark.parametrize("units", [0, -1])
def test_units_must_be_positive(units):
    loaves = make.make_capacity(taken=5)
    with pytest.raises(ValueError, match="positive"):
        take({loaves.pk: units}, hold=make.make_hold())
    assert taken(loaves) == [5]


def test_taking_nothing_changes_nothing():
    take({}, hold=make.make_hold())
    assert not Draw.objects.exists()


def test_units_belong_to_a_hold_or_an_order():
    loaves = make.make_capacity()
    with pytest.raises(ValueError, match="hold or an order"):
        take({loaves.pk: 1})
    with pytest.raises(ValueError, match="hold or an order"):
        give_back(hold=make.make_hold(), order=make.make_order())
    assert taken(loaves) == [0]


@pytest.mark.django_db(transaction=True)
def test_without_a_transaction_nothing_moves():
    loaves, hold = make.make_capacity(), make.make_hold()
    refused = transaction.TransactionManagementError
    with pytest.raises(refused):
        take({loaves.pk: 1}, hold=hold)
    with pytest.raises(refused):
        give_back(hold=hold)
    with pytest.raises(refused):
        hand_on(hold, make.make_order())
    assert taken(loaves) == [0]


def test_units_go_back_once_however_often_they_are_given_back():
    loaves, oven = make.make_capacity(taken=4), make.make_capacity(taken=1)
    hold, other = make.make_hold(), make.make_hold()
    take({loaves.pk: 2, oven.pk: 3}, hold=hold)
    take({loaves.pk: 1}, hold=other)
    give_back(hold=hold)
    give_back(hold=hold)
    assert taken(loaves, oven) == [5, 1]
    assert Draw.objects.get().hold == other


def test_a_hold_hands_its_draws_on_to_the_order():
    loaves = make.make_capacity()
    hold, order = make.make_hold(), make.make_order()
    take({loaves.pk: 2}, hold=hold)
    assert hand_on(hold, order) == 1
    assert hand_on(hold, order) == 0
    give_back(hold=hold)
    assert taken(loaves) == [2]
    give_back(order=order)
    assert taken(loaves) == [0]
    assert not Draw.objects.exists()


def test_the_database_itself_refuses_an_oversold_limit():
    loaves = make.make_capacity(limit=3)
    with (
        pytest.raises(IntegrityError, match="capacity_not_oversold"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE shop_capacity SET taken = 4")
    assert taken(loaves) == [0]


# --- what pieces draw --------------------------------------------------------------


def test_pieces_draw_by_weight_from_products_resources_and_the_slot():
    roll = make.make_variant()
    cake, box = make.make_variant(), make.make_variant(product=roll.product, pieces=6)
    oven = make.make_resource(uses={roll: 1, cake: 12})
    slot = make.make_slot()
    day = slot.bake_day
    rolls = make.make_capacity(bake_day=day, product=roll.product)
    trays = make.make_capacity(bake_day=day, resource=oven)
    assert draws_for([(roll, 2), (box, 1), (cake, 3), (roll, 1)], day, slot) == {
        rolls.pk: 9,
        trays.pk: 39,
        slot.capacity.pk: 1,
    }


def test_limits_of_other_days_are_not_drawn_from():
    roll = make.make_variant()
    slot = make.make_slot()
    other = make.make_bake_day(date=make.day_from_today(9))
    make.make_capacity(bake_day=other, product=roll.product)
    drawn = draws_for([(roll, 2)], slot.bake_day, slot)
    assert drawn == {slot.capacity.pk: 1}


def test_a_slot_of_another_day_or_without_a_limit_is_no_slot():
    from shop.exceptions import ChooseASlot

    slot = make.make_slot(places=None)
    other = make.make_bake_day(date=make.day_from_today(9))
    with pytest.raises(ChooseASlot):
        draws_for([], slot.bake_day, slot)
    with pytest.raises(ChooseASlot):
        draws_for([], other, slot)


def test_draws_of_any_number_of_lines_take_two_queries(django_assert_num_queries):
    slot = make.make_slot()
    pieces = [(make.make_variant(), 1) for _ in range(5)]
    with django_assert_num_queries(2):
        draws_for(pieces, slot.bake_day, slot)
