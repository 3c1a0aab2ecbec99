"""Limits of many days, read with one question and worked out when looked at."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from shop.models import Capacity, Hold
from shop.rooms import NO_END, Kept, Limits, Room, SlotRoom, load_limits
from tests.shop import make

TUE, WED = dt.date(2026, 11, 24), dt.date(2026, 11, 25)
NOON = make.at(TUE, dt.time(12))

EIGHT, NINE = dt.time(8), dt.time(9)
NO_SLOT = (None, None, None)
NO_HOLD = (None, None)
ROWS = [
    (1, 7, None, None, 10, 4, 0, False, *NO_SLOT, *NO_HOLD),
    (1, None, 3, None, 20, 20, 5, False, *NO_SLOT, *NO_HOLD),
    (1, None, None, 5, 2, 2, 1, False, 9, EIGHT, NINE, *NO_HOLD),
    (2, 7, None, None, 10, 10, 0, True, *NO_SLOT, *NO_HOLD),
    (2, None, None, 6, 2, 3, 0, 0, 9, "08:00:00", "09:00:00", *NO_HOLD),
]


def test_each_day_has_its_own_limits():
    limits = Limits(ROWS)
    assert limits.rooms_on(1) == {
        ("product", 7): Room(6, 10),
        ("resource", 3): Room(5, 20),
    }
    assert limits.rooms_on(2) == {("product", 7): Room(NO_END, NO_END)}
    assert list(limits.slots_on(1)) == [SlotRoom(5, 9, EIGHT, NINE, Room(1, 2))]
    assert list(limits.slots_on(2)) == [SlotRoom(6, 9, EIGHT, NINE, Room(0, 2))]


def test_a_day_that_was_not_asked_for_has_none():
    for limits in (Limits(), Limits(ROWS)):
        assert limits.rooms_on(3) == {}
        assert list(limits.slots_on(3)) == []


def test_a_day_can_be_looked_at_again():
    limits = Limits(ROWS)
    assert limits.rooms_on(1) == limits.rooms_on(1)
    assert list(limits.slots_on(1)) == list(limits.slots_on(1))


def test_days_left_for_later_are_read_together_when_one_is_looked_at():
    asked = []

    def read(days):
        asked.append(set(days))
        return ROWS[3:]

    limits = Limits(ROWS[:3], {2, 3}, read)
    assert limits.rooms_on(1)["product", 7] == Room(6, 10)
    assert list(limits.slots_on(1)) == [SlotRoom(5, 9, EIGHT, NINE, Room(1, 2))]
    assert asked == []
    assert limits.rooms_on(3) == {}
    assert limits.rooms_on(2) == {("product", 7): Room(NO_END, NO_END)}
    assert list(limits.slots_on(2)) == [SlotRoom(6, 9, EIGHT, NINE, Room(0, 2))]
    assert list(limits.slots_on(1)) == [SlotRoom(5, 9, EIGHT, NINE, Room(1, 2))]
    assert asked == [{2, 3}]


@pytest.mark.django_db
def test_later_days_are_one_more_question(django_assert_num_queries):
    day, other = make.make_bake_day(date=TUE), make.make_bake_day(date=WED)
    make.make_slot(bake_day=day)
    slot = make.make_slot(bake_day=other, places=4, taken=1)
    with django_assert_num_queries(1):
        limits = load_limits([day.pk], [], [], now=NOON, later=[other.pk])
        assert len(list(limits.slots_on(day.pk))) == 1
    with django_assert_num_queries(1):
        found = [(each.slot_id, each.room) for each in limits.slots_on(other.pk)]
        assert limits.rooms_on(other.pk) == {}
    assert found == [(slot.pk, Room(3, 4))]


@pytest.mark.django_db
def test_only_what_is_named_is_read_and_all_slots(django_assert_num_queries):
    day, other = make.make_bake_day(date=TUE), make.make_bake_day(date=WED)
    slot = make.make_slot(bake_day=day, places=4, taken=1)
    make.make_slot(bake_day=other)
    named = make.make_capacity(bake_day=day, limit=10, taken=3)
    make.make_capacity(bake_day=day, limit=5)
    with django_assert_num_queries(1):
        limits = load_limits([day.pk], [named.product_id], [], now=NOON)
    with django_assert_num_queries(0):
        assert limits.rooms_on(day.pk) == {("product", named.product_id): Room(7, 10)}
        assert [(each.slot_id, each.room) for each in limits.slots_on(day.pk)] == [
            (slot.pk, Room(3, 4))
        ]
        assert list(limits.slots_on(other.pk)) == []


@pytest.mark.django_db
def test_no_day_is_no_question(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert load_limits([], [1], [1], now=NOON).rooms_on(1) == {}


@pytest.mark.django_db
def test_what_the_shoppers_own_hold_and_expired_ones_keep_is_free():
    slot = make.make_slot(bake_day=make.make_bake_day(date=TUE), places=3)
    later = NOON + dt.timedelta(minutes=5)
    own, theirs, old = (
        make.make_hold(slot=slot, expires_at=moment) for moment in (later, later, NOON)
    )
    for hold in (own, theirs, old):
        make.make_draw(capacity=slot.capacity, hold=hold)
    assert Capacity.objects.get().taken == 3

    def left(**options):
        limits = load_limits([slot.bake_day_id], [], [], now=NOON, **options)
        return [each.room.left for each in limits.slots_on(slot.bake_day_id)]

    assert left() == [1]
    assert left(hold=own) == [2]
    assert left(holds_end=False) == [0]


@pytest.mark.django_db
@pytest.mark.parametrize("days", ["its own", "none"])
def test_the_live_hold_of_a_basket_comes_with_the_limits(
    django_assert_num_queries, days
):
    slot = make.make_slot(bake_day=make.make_bake_day(date=TUE), places=3)
    clock = timezone.now()
    own, _, dead = (
        make.make_hold(slot=slot, expires_at=clock + dt.timedelta(minutes=minutes))
        for minutes in (5, 5, -5)
    )
    asked = [slot.bake_day_id] if days == "its own" else []

    def kept(token):
        with django_assert_num_queries(1):
            return load_limits(
                asked, [], [], now=clock, token=token, later=[slot.bake_day_id]
            ).kept

    found = Hold.objects.get(pk=own.pk)
    assert kept(own.basket_token) == Kept(
        slot.bake_day_id, slot.pk, found.created_at, found.expires_at
    )
    assert kept(dead.basket_token) is kept("nobody's") is kept("") is None


@pytest.mark.django_db
def test_what_the_live_hold_of_the_basket_keeps_is_free():
    slot = make.make_slot(bake_day=make.make_bake_day(date=TUE), places=3)
    clock = timezone.now()
    own, theirs = (
        make.make_hold(slot=slot, expires_at=clock + dt.timedelta(minutes=5))
        for _ in range(2)
    )
    for hold in (own, theirs):
        make.make_draw(capacity=slot.capacity, hold=hold)

    def left(token):
        limits = load_limits([slot.bake_day_id], [], [], now=clock, token=token)
        return [each.room.left for each in limits.slots_on(slot.bake_day_id)]

    assert left("") == left("nobody's") == [1]
    assert left(own.basket_token) == [2]
