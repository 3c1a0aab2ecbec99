"""The calendar's rules, over daylight-saving weekends, year ends and holidays."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.test import override_settings
from django.utils.translation import override
from hypothesis import assume, given
from hypothesis import strategies as st

from shop.calendar import (
    Hours,
    day_words,
    exception_on,
    hours_on,
    instant,
    is_working_day,
    moment_words,
    order_until,
    today,
)
from shop.models import DayException, OpeningRule

TUE = dt.date(2026, 11, 24)
PLACE, OTHER = 1, 2


def rule(weekday=1, opens=7, closes=18, place=PLACE, since=None, until=None):
    return OpeningRule(
        place_id=place,
        weekday=weekday,
        opens=dt.time(opens),
        closes=dt.time(closes),
        valid_from=since,
        valid_until=until,
    )


def closed(date=TUE, place=None):
    return DayException(place_id=place, date=date, reason="Holiday")


def other_hours(opens, closes, date=TUE, place=None):
    return DayException(
        place_id=place, date=date, opens=dt.time(opens), closes=dt.time(closes)
    )


def hours(*pairs):
    return [Hours(dt.time(opens), dt.time(closes)) for opens, closes in pairs]


# --- opening hours -----------------------------------------------------------------


def test_a_weekday_without_a_rule_is_closed():
    assert hours_on(TUE, PLACE, [rule(weekday=0), rule(place=OTHER)]) == []


def test_a_day_may_open_twice():
    rules = [rule(opens=14, closes=18), rule(opens=7, closes=12)]
    assert hours_on(TUE, PLACE, rules) == hours((7, 12), (14, 18))


def test_hours_that_touch_are_one():
    rules = [rule(opens=7, closes=12), rule(opens=11, closes=15), rule(opens=15)]
    assert hours_on(TUE, PLACE, rules) == hours((7, 18))


def test_a_rule_with_dates_beats_one_without():
    advent = rule(opens=6, closes=20, since=dt.date(2026, 11, 1))
    assert hours_on(TUE, PLACE, [rule(), advent]) == hours((6, 20))
    assert hours_on(dt.date(2026, 10, 27), PLACE, [rule(), advent]) == hours((7, 18))


def test_of_two_rules_with_dates_the_shorter_wins():
    winter = rule(opens=8, since=dt.date(2026, 11, 1), until=dt.date(2027, 2, 28))
    week = rule(opens=9, since=dt.date(2026, 11, 23), until=dt.date(2026, 11, 29))
    assert hours_on(TUE, PLACE, [week, winter, rule()]) == hours((9, 18))


def test_a_rule_holds_on_its_first_and_last_day():
    only = rule(since=TUE, until=TUE)
    assert hours_on(TUE, PLACE, [only]) == hours((7, 18))
    assert hours_on(TUE + dt.timedelta(days=7), PLACE, [only]) == []


def test_an_exception_beats_every_rule():
    only = rule(since=TUE, until=TUE)
    assert hours_on(TUE, PLACE, [only], [closed()]) == []
    assert hours_on(TUE, PLACE, [only], [other_hours(10, 12)]) == hours((10, 12))


def test_the_exception_of_a_place_beats_the_one_for_all():
    exceptions = [closed(), other_hours(10, 12, place=PLACE)]
    for each in (exceptions, exceptions[::-1]):
        assert hours_on(TUE, PLACE, [rule()], each) == hours((10, 12))
        assert hours_on(TUE, OTHER, [rule(place=OTHER)], each) == []


def test_an_exception_of_another_place_or_day_is_none():
    elsewhere = [closed(place=OTHER), closed(date=TUE + dt.timedelta(days=1))]
    assert exception_on(TUE, PLACE, elsewhere) is None
    assert hours_on(TUE, PLACE, [rule()], elsewhere) == hours((7, 18))


def test_a_working_day_is_one_on_which_any_place_is_open():
    rules = [rule(), rule(place=OTHER)]
    assert is_working_day(TUE, [PLACE, OTHER], rules, [closed(place=PLACE)])
    assert not is_working_day(TUE, [PLACE, OTHER], rules, [closed()])
    assert not is_working_day(TUE, [], rules)


# --- instants ----------------------------------------------------------------------


def test_an_instant_is_the_bakerys_wall_time_in_utc():
    summer = instant(dt.date(2026, 7, 1), dt.time(18))
    winter = instant(dt.date(2026, 12, 1), dt.time(18))
    assert summer == dt.datetime(2026, 7, 1, 17, tzinfo=dt.UTC)
    assert winter == dt.datetime(2026, 12, 1, 18, tzinfo=dt.UTC)
    assert summer.tzinfo is dt.UTC


def test_a_time_that_the_clocks_skip_means_the_one_an_hour_later():
    skipped = instant(dt.date(2026, 3, 29), dt.time(1, 30))
    assert skipped == instant(dt.date(2026, 3, 29), dt.time(2, 30))


def test_a_time_that_comes_twice_means_the_first():
    twice = instant(dt.date(2026, 10, 25), dt.time(1, 30))
    assert twice == dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)
    assert instant(dt.date(2026, 10, 25), dt.time(1, 30, fold=1)) == twice


def test_today_is_the_bakerys_date_not_the_servers():
    midnight_in_dublin = dt.datetime(2026, 7, 1, 23, 30, tzinfo=dt.UTC)
    assert today(midnight_in_dublin) == dt.date(2026, 7, 2)
    with override_settings(TIME_ZONE="America/New_York"):
        assert today(midnight_in_dublin) == dt.date(2026, 7, 1)


def test_days_and_moments_in_words():
    assert day_words(TUE) == "Tue 24 Nov"
    with override("de"):
        assert day_words(TUE) == "Di 24 Nov"
    assert day_words(TUE) == "Tue 24 Nov"
    moment = dt.datetime(2026, 7, 1, 17, tzinfo=dt.UTC)
    assert moment_words(moment) == "Wed 1 Jul, 18:00"


# --- cut-offs ----------------------------------------------------------------------


def every_day(day):
    return True


@pytest.mark.parametrize(
    ("lead_days", "expected"),
    [
        (0, dt.datetime(2026, 11, 24, 18, tzinfo=dt.UTC)),
        (1, dt.datetime(2026, 11, 23, 18, tzinfo=dt.UTC)),
        # The weekend before does not count.
        (2, dt.datetime(2026, 11, 20, 18, tzinfo=dt.UTC)),
    ],
)
def test_lead_days_are_counted_in_working_days(lead_days, expected):
    def weekdays(day):
        return day.weekday() < 5

    assert order_until(TUE, lead_days, dt.time(18), weekdays) == expected


def test_a_cut_off_across_the_change_of_clocks_keeps_its_wall_time():
    monday = dt.date(2026, 3, 30)
    assert order_until(monday, 1, dt.time(18), every_day) == dt.datetime(
        2026, 3, 29, 17, tzinfo=dt.UTC
    )
    assert order_until(monday, 2, dt.time(18), every_day) == dt.datetime(
        2026, 3, 28, 18, tzinfo=dt.UTC
    )


def test_a_bakery_that_never_works_takes_no_orders():
    until = order_until(TUE, 1, dt.time(18), lambda day: False)
    assert until == dt.datetime(2025, 11, 23, 18, tzinfo=dt.UTC)


# --- properties --------------------------------------------------------------------

ZONES = [
    "Europe/Dublin",
    "Europe/Berlin",
    "America/New_York",
    "America/Santiago",  # changes at midnight
    "Asia/Beirut",  # changes at midnight
    "Africa/Cairo",  # changes at midnight
    "Australia/Lord_Howe",  # changes by half an hour
    "Asia/Kolkata",
    "Pacific/Chatham",
]
YEARS = range(2024, 2031)


def changes_of_clocks(zone):
    """The local dates on which the zone's offset changes."""
    first = dt.date(YEARS[0], 1, 1)
    for number in range(366 * len(YEARS)):
        date = first + dt.timedelta(days=number)
        noons = [
            dt.datetime.combine(day, dt.time(12), tzinfo=ZoneInfo(zone))
            for day in (date - dt.timedelta(days=1), date)
        ]
        if noons[0].utcoffset() != noons[1].utcoffset():
            yield date


EDGES = {
    zone: [
        change + dt.timedelta(days=days)
        for change in changes_of_clocks(zone)
        for days in (-1, 0, 1, 2)
    ]
    + [dt.date(year, 1, day) for year in YEARS for day in (1, 2)]
    for zone in ZONES
}

dates = st.dates(dt.date(YEARS[0], 1, 1), dt.date(YEARS[-1], 12, 31))
times = st.times().map(lambda time: time.replace(second=0, microsecond=0))
# Weekdays on which the bakery works, and single days on which it does not.
weeks = st.sets(st.integers(0, 6), min_size=1)
holidays = st.sets(st.integers(1, 40), max_size=15)


@st.composite
def days_in_zones(draw):
    zone = draw(st.sampled_from(ZONES))
    return zone, draw(st.one_of(dates, st.sampled_from(EDGES[zone])))


def working(week, day, off):
    """Working days by the week, apart from days so many days before the bake day."""
    return lambda date: date.weekday() in week and (day - date).days not in off


@given(days_in_zones(), times, weeks, holidays, st.integers(1, 6))
def test_the_cut_off_lies_on_the_last_of_so_many_working_days(
    zone_and_day, time, week, off, lead_days
):
    zone, day = zone_and_day
    is_working = working(week, day, off)
    with override_settings(TIME_ZONE=zone):
        until = order_until(day, lead_days, time, is_working)
    local = until.astimezone(ZoneInfo(zone)).date()
    # A time that the clocks skip around midnight may come out a day later.
    assume(dt.datetime.combine(local, time, tzinfo=ZoneInfo(zone)) == until)
    assert is_working(local)
    after = [local + dt.timedelta(days=n) for n in range(1, (day - local).days)]
    assert sum(map(is_working, after)) == lead_days - 1


@given(days_in_zones(), times, weeks, holidays, st.integers(0, 6))
def test_a_longer_lead_never_ends_later(zone_and_day, time, week, off, lead_days):
    zone, day = zone_and_day
    is_working = working(week, day, off)
    with override_settings(TIME_ZONE=zone):
        shorter = order_until(day, lead_days, time, is_working)
        longer = order_until(day, lead_days + 1, time, is_working)
    assert longer < shorter


@given(days_in_zones(), times, weeks, holidays, st.integers(1, 6))
def test_orders_for_a_later_day_never_close_earlier(
    zone_and_day, time, week, off, lead_days
):
    zone, day = zone_and_day
    is_working = working(week, day, off)
    with override_settings(TIME_ZONE=zone):
        this = order_until(day, lead_days, time, is_working)
        tomorrow = day + dt.timedelta(days=1)
        assert this <= order_until(tomorrow, lead_days, time, is_working)


@given(days_in_zones(), times, weeks, holidays, st.integers(1, 6))
def test_orders_close_before_the_bake_day_begins(
    zone_and_day, time, week, off, lead_days
):
    zone, day = zone_and_day
    with override_settings(TIME_ZONE=zone):
        until = order_until(day, lead_days, time, working(week, day, off))
        assert until < instant(day, dt.time(0)) + dt.timedelta(hours=1)
        assert until.astimezone(ZoneInfo(zone)).date() <= day


@given(days_in_zones(), times)
def test_an_instant_reads_as_its_wall_time_unless_the_clocks_skip_it(
    zone_and_day, time
):
    zone, day = zone_and_day
    with override_settings(TIME_ZONE=zone):
        moment = instant(day, time)
    wall = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    wished = dt.datetime.combine(day, time)
    skipped = wall - wished
    assert skipped in {dt.timedelta(0), dt.timedelta(hours=1), dt.timedelta(minutes=30)}
    if skipped:
        assert day in EDGES[zone]


rules_of_a_week = st.lists(
    st.builds(
        lambda weekday, opens, length, since, length_days: rule(
            weekday=weekday,
            opens=opens,
            closes=opens + length,
            since=since,
            until=since and since + dt.timedelta(days=length_days),
        ),
        st.integers(0, 6),
        st.integers(0, 12),
        st.integers(1, 11),
        st.none() | dates,
        st.integers(0, 400),
    ),
    max_size=12,
)


@given(rules_of_a_week, dates)
def test_hours_of_a_day_are_in_order_and_never_overlap(rules, day):
    found = hours_on(day, PLACE, rules)
    assert all(opens < closes for opens, closes in found)
    assert all(a.closes < b.opens for a, b in zip(found, found[1:], strict=False))


@given(rules_of_a_week, dates)
def test_a_closed_day_is_closed_whatever_the_rules(rules, day):
    assert hours_on(day, PLACE, rules, [closed(date=day)]) == []
