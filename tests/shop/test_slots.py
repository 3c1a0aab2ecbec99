"""Pick-up slots and their places."""

from __future__ import annotations

import datetime as dt

import pytest

from shop.models import Capacity
from shop.slots import nearest_free, slot_in, slot_now, slots_in, slots_on
from shop.supply import load_supply
from tests.shop import make

pytestmark = pytest.mark.django_db

TUE = dt.date(2026, 11, 24)
MORNING = make.at(TUE, dt.time(6))


@pytest.fixture
def day(db):
    return make.make_bake_day(date=TUE)


def told(bake_day, now=MORNING, **options):
    return [
        (str(answer.slot), answer.left, answer.can, answer.sentence)
        for answer in slots_on(bake_day, now=now, **options)
    ]


def test_each_slot_says_what_is_left(day):
    make.make_slot(bake_day=day, places=3)
    make.make_slot(bake_day=day, places=2, taken=2)
    assert told(day) == [
        ("08:00–08:30", 3, True, "3 left"),
        ("08:30–09:00", 0, False, "full"),
    ]


def test_a_slot_is_over_when_it_begins(day):
    make.make_slot(bake_day=day, places=3)
    begins = make.at(TUE, dt.time(8))
    assert told(day, now=begins) == [("08:00–08:30", 3, False, "over")]
    assert told(day, now=begins - dt.timedelta(seconds=1))[0][2]


def test_slots_of_places_closed_that_day_are_not_shown(day):
    kept, closed, gone = make.make_place(), make.make_place(), make.make_place()
    for place in (kept, closed, gone):
        make.make_slot(bake_day=day, place=place)
    make.make_exception(date=TUE, place=closed)
    gone.is_active = False
    gone.save()
    assert [answer.slot.place for answer in slots_on(day, now=MORNING)] == [kept]


def test_slots_outside_other_hours_are_not_shown(day):
    for starts in (7, 8, 12):
        make.make_slot(bake_day=day, starts=dt.time(starts), minutes=60)
    make.make_exception(date=TUE, opens=dt.time(8), closes=dt.time(9))
    assert [slot for slot, *_ in told(day)] == ["08:00–09:00"]


def test_a_slot_without_a_limit_of_places_is_not_shown(day):
    make.make_slot(bake_day=day, places=None)
    assert told(day) == []


def test_my_own_place_and_those_of_expired_holds_are_free(day):
    slot = make.make_slot(bake_day=day, places=1)
    hold = make.make_hold(slot=slot, expires_at=MORNING + dt.timedelta(minutes=1))
    make.make_draw(capacity=slot.capacity, hold=hold)
    assert told(day) == [("08:00–08:30", 0, False, "full")]
    assert told(day, hold=hold) == [("08:00–08:30", 1, True, "1 left")]
    hold.expires_at = MORNING
    hold.save()
    assert told(day) == [("08:00–08:30", 1, True, "1 left")]


def test_one_slot_is_as_it_is_among_the_others(day, django_assert_num_queries):
    """Asked for alone, or out of what is loaded for a page."""
    slots = [make.make_slot(bake_day=day, places=n) for n in (2, 0, None)]
    closed = make.make_slot(bake_day=day, place=make.make_place())
    make.make_exception(date=TUE, place=closed.place)
    all_of_them = slots_on(day, now=MORNING)
    supply = load_supply([], TUE, TUE, now=MORNING)
    assert slots_in(supply, day) == all_of_them
    expected = [*all_of_them, None, None]
    with django_assert_num_queries(0):
        assert [slot_in(supply, slot) for slot in [*slots, closed]] == expected
    assert [slot_now(slot, now=MORNING) for slot in [*slots, closed]] == expected


def test_slots_that_begin_together_come_in_the_order_of_their_places(day):
    last, first, between = (make.make_place(position=n) for n in (3, 1, 2))
    for place in (last, first, between):
        for starts in (9, 8):
            make.make_slot(bake_day=day, place=place, starts=dt.time(starts))
    found = [(a.slot.starts.hour, a.slot.place) for a in slots_on(day, now=MORNING)]
    assert found == [(h, place) for h in (8, 9) for place in (first, between, last)]


def test_the_nearest_free_slots_are_those_of_the_same_counter_first(day):
    here, there = make.make_place(), make.make_place()
    slots = [make.make_slot(bake_day=day, place=here) for _ in range(6)]
    elsewhere = make.make_slot(bake_day=day, place=there, starts=slots[3].starts)
    Capacity.objects.filter(slot__in=[slots[3], slots[4]]).update(limit=0)
    found = [answer.slot for answer in nearest_free(slots[3], now=MORNING)]
    assert found == [slots[2], slots[1], slots[5]]
    every = [answer.slot for answer in nearest_free(slots[3], count=9, now=MORNING)]
    assert every == [slots[2], slots[1], slots[5], slots[0], elsewhere]


def test_any_number_of_slots_takes_five_queries(day, django_assert_num_queries):
    make.make_slot(bake_day=day)
    with django_assert_num_queries(5):
        told(day)
    for _ in range(5):
        make.make_slot(bake_day=day)
    with django_assert_num_queries(5):
        told(day)
