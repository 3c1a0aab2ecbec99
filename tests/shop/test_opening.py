"""Opening bake days."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.core.management import CommandError, call_command

from shop.models import BakeDay, Capacity, Order, Slot
from shop.opening import OpenedDays, open_days
from tests.shop import make

pytestmark = pytest.mark.django_db

TUE = dt.date(2026, 11, 24)


def everything():
    return [
        list(model.objects.order_by("pk").values())
        for model in (BakeDay, Slot, Capacity)
    ]


def test_each_working_day_is_opened_with_slots_and_limits():
    make.make_place(
        weekdays=[1, 2], opens=dt.time(7), closes=dt.time(9, 40), places_per_slot=5
    )
    bread = make.make_product(daily_limit=40)
    make.make_product()
    oven = make.make_resource(daily_limit=90)
    assert open_days(TUE, 7) == OpenedDays(bake_days=2, slots=10, limits=14)
    tuesday, wednesday = BakeDay.objects.all()
    assert (tuesday.date, wednesday.date) == (TUE, TUE + dt.timedelta(days=1))
    assert [str(slot) for slot in tuesday.slots.all()] == [
        "07:00–07:30",
        "07:30–08:00",
        "08:00–08:30",
        "08:30–09:00",
        "09:00–09:30",
    ]
    limits = tuesday.capacities
    assert limits.get(product=bread).limit == 40
    assert limits.get(resource=oven).limit == 90
    places = limits.filter(slot__isnull=False).values_list("limit", flat=True)
    assert list(places) == [5] * 5


def test_orders_close_on_the_working_day_before_at_the_earliest_places_time():
    make.make_place(weekdays=[0, 1, 4], order_until=dt.time(18))
    make.make_place(weekdays=[], order_until=dt.time(16, 30))
    open_days(TUE, 7)
    cut_offs = {day.date.weekday(): day.cut_off for day in BakeDay.objects.all()}
    assert cut_offs == {
        1: dt.datetime(2026, 11, 23, 16, 30, tzinfo=dt.UTC),
        4: dt.datetime(2026, 11, 24, 16, 30, tzinfo=dt.UTC),
        0: dt.datetime(2026, 11, 27, 16, 30, tzinfo=dt.UTC),
    }


def test_opening_again_changes_nothing():
    make.make_place()
    make.make_product(daily_limit=40)
    open_days(TUE, 3)
    before = everything()
    assert open_days(TUE, 3) == OpenedDays(0, 0, 0)
    assert everything() == before


def test_what_staff_have_changed_stays():
    make.make_place(weekdays=[1], closes=dt.time(8))
    bread = make.make_product(daily_limit=40)
    open_days(TUE, 1)
    late = make.at(TUE, dt.time(5))
    BakeDay.objects.update(cut_off=late, note="Late orders welcome", state="closed")
    Capacity.objects.filter(product=bread).update(limit=55)
    Slot.objects.filter(starts=dt.time(7)).update(ends=dt.time(8))
    Slot.objects.filter(starts=dt.time(7, 30)).delete()
    before = everything()
    assert open_days(TUE, 1) == OpenedDays(0, 0, 0)
    assert everything() == before


def test_what_came_later_is_added():
    place = make.make_place(weekdays=[1], closes=dt.time(8))
    open_days(TUE, 1)
    make.make_product(daily_limit=40)
    make.make_opening_rule(
        place=place, weekday=1, opens=dt.time(15), closes=dt.time(16)
    )
    assert open_days(TUE, 1) == OpenedDays(bake_days=0, slots=2, limits=3)


def test_a_product_that_is_not_baked_that_day_gets_no_limit():
    make.make_place(closes=dt.time(7, 30))
    make.make_product(daily_limit=5, weekdays=0b0000001)
    make.make_product(daily_limit=5, season_start="12-01", season_end="12-24")
    make.make_product(daily_limit=5, is_listed=False)
    open_days(TUE, 1)
    assert Capacity.objects.get().slot is not None


def test_a_holiday_is_not_opened_and_an_extra_day_is():
    make.make_place(weekdays=[1])
    make.make_exception(date=TUE)
    sunday = TUE + dt.timedelta(days=5)
    make.make_exception(date=sunday, opens=dt.time(9), closes=dt.time(10))
    open_days(TUE, 7)
    assert BakeDay.objects.get().date == sunday
    assert [str(slot) for slot in Slot.objects.all()] == ["09:00–09:30", "09:30–10:00"]


def test_a_closed_place_gets_no_slots_while_the_other_does():
    closed, opened = make.make_place(), make.make_place()
    make.make_exception(date=TUE, place=closed)
    open_days(TUE, 1)
    assert {slot.place for slot in Slot.objects.all()} == {opened}


def test_orders_of_a_day_that_was_closed_later_are_named_and_kept():
    place = make.make_place(name="Main Street")
    open_days(TUE, 1)
    first, second = Slot.objects.all()[:2]
    make.make_order(slot=first)
    make.make_order(slot=second)
    make.make_order(slot=second, state=Order.State.CANCELLED)
    make.make_exception(date=TUE, place=place)
    before = everything()
    assert open_days(TUE, 1) == OpenedDays(
        0,
        0,
        0,
        ("Tue 24 Nov: 2 orders lie outside the opening hours of Main Street.",),
    )
    assert everything() == before


def test_a_limit_that_is_new_counts_the_orders_there_are():
    make.make_place(closes=dt.time(8))
    bread, rye = make.make_product(), make.make_product()
    open_days(TUE, 1)
    slot = Slot.objects.first()
    lines = {bread.variants.get(): 3, rye.variants.get(): 2}
    make.make_order(slot=slot, lines=lines, code="AB12CD")
    make.make_order(slot=slot, lines=lines, state=Order.State.CANCELLED)
    bread.daily_limit, rye.daily_limit = 10, 10
    bread.save()
    assert open_days(TUE, 1).notes == ()
    assert Capacity.objects.get(product=bread).taken == 3
    assert Capacity.objects.get(slot=slot).taken == 1
    Capacity.objects.filter(slot=slot).update(limit=1)
    rye.save()
    assert open_days(TUE, 1).notes == ()
    assert Capacity.objects.get(product=rye).taken == 2


def test_where_more_is_ordered_than_a_new_limit_nothing_more_is_sold():
    make.make_place(closes=dt.time(8))
    bread = make.make_product(name="Milk bread")
    open_days(TUE, 1)
    for _ in range(2):
        make.make_order(slot=Slot.objects.first(), lines={bread.variants.get(): 3})
    bread.daily_limit = 5
    bread.save()
    assert open_days(TUE, 1).notes == (
        "Milk bread on Tue 24 Nov 2026: 6 of 6: more is ordered than the limit you "
        "set, so it was raised to that.",
    )
    limit = Capacity.objects.get(product=bread)
    assert (limit.limit, limit.taken) == (6, 6)
    assert open_days(TUE, 1).notes == ()


def test_a_cut_off_on_a_day_that_was_closed_later_is_named_and_kept():
    make.make_place()
    open_days(TUE, 3)
    make.make_exception(date=TUE + dt.timedelta(days=1))
    before = everything()
    assert open_days(TUE, 3).notes == (
        "Thu 26 Nov: orders close on Wed 25 Nov, 18:00, when no place is open.",
    )
    assert everything() == before


def test_any_number_of_days_takes_the_same_queries(django_assert_num_queries):
    make.make_place()
    make.make_product(daily_limit=3)
    make.make_resource()
    with django_assert_num_queries(17):
        open_days(TUE, 2)
    with django_assert_num_queries(17):
        open_days(TUE + dt.timedelta(days=2), 5)
    with django_assert_num_queries(13):
        open_days(TUE, 7)


# --- the command -------------------------------------------------------------------


def test_the_command_opens_two_weeks_from_today(capsys):
    make.make_place(closes=dt.time(7, 30))
    call_command("open_days")
    assert capsys.readouterr().out == "Opened 14 bake days, 14 slots, 14 limits.\n"
    assert BakeDay.objects.first().date == make.day_from_today(0)


def test_a_dry_run_makes_nothing(capsys):
    make.make_place(closes=dt.time(7, 30))
    call_command("open_days", "--dry-run", "--days=3")
    assert capsys.readouterr().out == "Would open 3 bake days, 3 slots, 3 limits.\n"
    assert everything() == [[], [], []]


def test_machines_read_json(capsys):
    make.make_place(closes=dt.time(7, 30))
    call_command("open_days", "--json", "--days=1")
    assert json.loads(capsys.readouterr().out) == {
        "bake_days": 1,
        "slots": 1,
        "limits": 1,
        "notes": [],
        "dry_run": False,
    }


@pytest.mark.parametrize("days", ["0", "-1", "367"])
def test_a_silly_number_of_days_is_refused(days):
    with pytest.raises(CommandError, match="1 to 366"):
        call_command("open_days", "--days", days)
    assert not BakeDay.objects.exists()
