"""What can be had when, and why not."""

from __future__ import annotations

import datetime as dt

import pytest

from shop.availability import days_for
from shop.models import BakeDay, Capacity
from tests.shop import make
from tests.shop.availability_stage import (
    FRI,
    MON,
    NOON,
    SUN,
    THU,
    TUE,
    WED,
    ask,
    bread,
    cake,
    codes,
    limit,
    open_main_street,
    reasons,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(db):
    return open_main_street()


# --- the day -----------------------------------------------------------------------


def test_the_answers_are_the_next_dates_from_the_bakerys_today(shop):
    late = dt.datetime(2026, 11, 23, 23, 59, tzinfo=dt.UTC)
    answers = days_for([], now=late)
    assert [answer.date for answer in answers][:2] == [MON, TUE]
    assert len(answers) == 14
    assert [answer.can for answer in answers] == [False, False] + [True] * 12
    assert days_for([], now=late + dt.timedelta(minutes=1))[0].date == TUE


def test_an_open_day_says_until_when_one_may_order(shop):
    answer = ask((bread(), 2))
    assert answer.can
    assert answer.bake_day.date == TUE
    assert answer.order_until == make.at(MON, dt.time(18))


def test_at_the_cut_off_the_day_is_closed(shop):
    cut_off = make.at(MON, dt.time(18))
    wish = (bread(), 1)
    assert ask(wish, now=cut_off - dt.timedelta(microseconds=1)).can
    assert reasons(wish, now=cut_off) == [
        ("past_cut_off", "Orders for Tue 24 Nov closed on Mon 23 Nov, 18:00.")
    ]


def test_staff_may_move_the_cut_off_of_a_day(shop):
    BakeDay.objects.filter(date=TUE).update(cut_off=make.at(TUE, dt.time(4)))
    assert ask((bread(), 1), now=make.at(TUE, dt.time(3))).can
    BakeDay.objects.filter(date=TUE).update(cut_off=make.at(SUN, dt.time(4)))
    assert ask((bread(lead_days=0), 1), now=make.at(MON, dt.time(3))).can


@pytest.mark.parametrize("state", ["closed", "baked", "done"])
def test_a_day_that_staff_have_closed_is_closed(shop, state):
    BakeDay.objects.filter(date=TUE).update(state=state)
    assert reasons((bread(), 1)) == [("closed", "Orders for Tue 24 Nov are closed.")]


def test_a_day_without_baking_is_closed_and_one_far_ahead_not_open_yet(shop):
    BakeDay.objects.filter(date=TUE).delete()
    shop.opening_rules.filter(weekday=TUE.weekday()).delete()
    assert reasons() == [("closed", "We are closed on Tue 24 Nov.")]
    far = MON + dt.timedelta(days=20)
    assert reasons(date=far) == [("closed", "Orders for Sun 13 Dec are not open yet.")]


def test_a_holiday_entered_later_closes_a_day_that_was_open(shop):
    make.make_exception(date=TUE, reason="Feast of the baker")
    assert reasons((bread(), 1)) == [
        ("closed", "We are closed on Tue 24 Nov: Feast of the baker.")
    ]


def test_a_holiday_of_one_place_closes_only_its_slots(shop):
    make.make_exception(date=TUE, place=make.make_place())
    assert ask((bread(), 1)).can
    make.make_exception(date=TUE, place=shop)
    assert codes((bread(), 1)) == ["closed"]


def test_a_holiday_names_its_reason_also_where_the_other_place_never_opens(shop):
    make.make_place(weekdays=[6])
    make.make_exception(date=TUE, place=shop, reason="Oven repair")
    assert reasons((bread(), 1)) == [
        ("closed", "We are closed on Tue 24 Nov: Oven repair.")
    ]


def test_a_day_that_staff_have_added_beside_the_rules_is_open(shop):
    shop.opening_rules.all().delete()
    assert ask((bread(), 1)).can


@pytest.mark.parametrize(
    "date", [dt.date.min, dt.date(1999, 1, 1), dt.date(2031, 1, 1), dt.date.max]
)
def test_any_date_gets_an_answer(shop, date):
    answer = ask((bread(), 1), date=date)
    assert [reason.code for reason in answer.reasons] == ["closed"]
    assert answer.bake_day is None


# --- slots -------------------------------------------------------------------------


def test_a_day_without_a_free_slot_is_no_day(shop):
    Capacity.objects.filter(slot__bake_day__date=TUE).update(limit=2, taken=2)
    expected = [("no_slot", "No pick-up time is free on Tue 24 Nov.")]
    assert reasons((bread(), 1)) == expected
    assert reasons() == expected
    assert ask(date=WED).can


def test_slots_outside_the_hours_of_an_exception_do_not_count(shop):
    make.make_exception(date=TUE, opens=dt.time(12), closes=dt.time(13))
    assert codes((bread(), 1)) == ["no_slot"]


def test_slots_of_a_place_that_is_no_longer_active_do_not_count(shop):
    shop.is_active = False
    shop.save()
    assert codes((bread(), 1)) == ["no_slot"]


def test_slots_that_have_begun_do_not_count(shop):
    BakeDay.objects.filter(date=TUE).update(cut_off=make.at(WED))
    last_starts = make.at(TUE, dt.time(7, 30))
    assert ask(now=last_starts - dt.timedelta(seconds=1)).can
    assert codes(now=last_starts) == ["no_slot"]


# --- the product -------------------------------------------------------------------


def test_a_product_is_baked_on_its_weekdays_only(shop):
    rye = (make.make_product(name="Rye loaf", weekdays=0b0010100).variants.get(), 1)
    assert reasons(rye) == [
        ("not_that_weekday", "We bake Rye loaf on Wednesdays and Fridays only.")
    ]
    assert ask(rye, date=WED).can
    roll = make.make_product(name="Roll", weekdays=0b1111100).variants.get()
    assert reasons((roll, 1)) == [
        ("not_that_weekday", "We do not bake Roll on Mondays and Tuesdays.")
    ]


def test_a_product_has_its_season(shop):
    stollen = make.make_product(
        name="Stollen", season_start="11-25", season_end="01-06"
    ).variants.get()
    assert reasons((stollen, 1)) == [
        ("out_of_season", "We bake Stollen from 25 Nov to 6 Jan only.")
    ]
    assert ask((stollen, 1), date=WED).can


def test_a_lead_time_names_the_earliest_day(shop):
    assert reasons((cake(), 1)) == [
        (
            "too_soon",
            "Birthday cake needs two working days; the earliest is Wed 25 Nov.",
        )
    ]
    assert ask((cake(), 1), date=WED).can


def test_a_lead_time_counts_working_days_only(shop):
    make.make_exception(date=TUE)
    make.make_exception(date=WED)
    [(code, sentence)] = reasons((cake(), 1), date=THU)
    assert code == "too_soon"
    assert sentence.endswith("the earliest is Fri 27 Nov.")
    assert ask((cake(), 1), date=FRI).order_until == make.at(MON, dt.time(18))


def test_the_earliest_day_is_one_with_room_for_it(shop):
    variant = cake()
    limit(variant, 0, date=WED)
    Capacity.objects.filter(slot__bake_day__date=THU).update(taken=0, limit=0)
    make.make_exception(date=FRI)
    assert reasons((variant, 1))[0][1].endswith("the earliest is Sat 28 Nov.")


def test_a_lead_time_longer_than_what_is_open_names_no_day(shop):
    assert reasons((cake(lead_days=30), 1)) == [
        ("too_soon", "Birthday cake needs 30 working days.")
    ]


def test_a_product_may_close_earlier_than_the_day(shop):
    sourdough = make.make_product(name="Sourdough", order_until=dt.time(12))
    wish = (sourdough.variants.get(), 1)
    assert reasons(wish) == [
        (
            "too_soon",
            "Sourdough had to be ordered by Mon 23 Nov, 12:00; the earliest is "
            "Wed 25 Nov.",
        )
    ]
    answer = ask(wish, now=NOON - dt.timedelta(seconds=1))
    assert answer.can
    assert answer.order_until == NOON


def test_a_product_never_closes_later_than_the_day(shop):
    late = make.make_product(order_until=dt.time(23)).variants.get()
    assert ask((late, 1)).order_until == make.at(MON, dt.time(18))
    assert codes((late, 1), now=make.at(MON, dt.time(18))) == ["past_cut_off"]


def test_what_is_no_longer_sold_can_be_had_on_no_day(shop):
    hidden = bread(is_listed=False)
    gone = make.make_variant(product=make.make_product(name="Rye"), is_active=False)
    assert reasons((hidden, 1), (gone, 1), date=WED) == [
        ("not_listed", "We no longer sell Milk bread."),
        ("not_listed", f"We no longer sell Rye, {gone.name}."),
    ]


def test_one_order_has_at_most_so_many_of_a_product(shop):
    small = bread(max_per_order=5)
    large = make.make_variant(product=small.product, name="large")
    assert ask((small, 3), (large, 2)).can
    sentence = "One order can have at most 5 Milk bread."
    assert reasons((small, 3), (large, 3)) == [("max_per_order", sentence)] * 2
