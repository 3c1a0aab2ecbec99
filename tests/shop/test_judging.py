"""What must hold of every answer, whatever the calendar, the clock and the limits."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from shop.hours import OpeningHours
from shop.judging import Wish, judge
from shop.models import BakeDay, DayException, OpeningRule, Place, Product, Variant
from shop.rooms import Limits
from shop.supply import Supply

DUBLIN = ZoneInfo("Europe/Dublin")
# The days around each change of clocks, and a year's end.
STARTS = [dt.date(2026, 3, 25), dt.date(2026, 10, 21), dt.date(2026, 12, 28)]
DAYS = 10
PLACE, SLOT = 1, 1


def product(lead_days, until, weekdays):
    made = Product(
        pk=1, name="Bread", lead_days=lead_days, order_until=until, weekdays=weekdays
    )
    return Variant(pk=1, sku="bread", product=made)


def supply(first, now, *, week, holidays, left):
    """A shop with one place, bake days on all its working days, and so much left."""
    rules = [
        OpeningRule(place_id=PLACE, weekday=day, opens=dt.time(7), closes=dt.time(18))
        for day in week
    ]
    exceptions = [
        DayException(date=first + dt.timedelta(days=n), reason="Holiday")
        for n in holidays
    ]
    place = Place(pk=PLACE, order_until=dt.time(18))
    hours = OpeningHours([place], rules, exceptions)
    dates = [first + dt.timedelta(days=n) for n in range(DAYS)]
    bake_days = {
        date: BakeDay(pk=number, date=date, cut_off=hours.cut_off(date, 1))
        for number, date in enumerate(filter(hours.is_working, dates))
    }
    limits = Limits(row for day in bake_days.values() for row in limits_of(day, left))
    return Supply(first, dates[-1], now, None, hours, bake_days, {}, limits)


def limits_of(bake_day, left):
    """So many of the product, and one slot with a place, as the query tells them."""
    free, one, no_hold = (50, 50 - left, 0, False), (8, 7, 0, False), (None, None)
    yield (bake_day.pk, 1, None, None, *free, None, None, None, *no_hold)
    times = (dt.time(8), dt.time(9))
    yield (bake_day.pk, None, None, SLOT, *one, PLACE, *times, *no_hold)


moments = st.timedeltas(dt.timedelta(0), dt.timedelta(days=DAYS))


@st.composite
def shops(draw):
    """First date, facts of the shop and of the product, and what is wished."""
    first = draw(st.sampled_from(STARTS))
    week = draw(st.sets(st.integers(0, 6), min_size=3))
    holidays = draw(st.sets(st.integers(-5, DAYS), max_size=5))
    facts = {"week": week, "holidays": holidays, "left": draw(st.integers(2, 12))}
    until = draw(st.none() | st.times().map(lambda t: t.replace(microsecond=0)))
    bread = (draw(st.integers(0, 4)), until, draw(st.just(127) | st.integers(1, 127)))
    return first, facts, bread, draw(st.integers(1, 4))


def start_of(date):
    return dt.datetime.combine(date, dt.time(0), tzinfo=DUBLIN)


def answers(shop, now):
    first, facts, bread, quantity = shop
    made = supply(first, now, **facts)
    wishes = [Wish(product(*bread), quantity)]
    return {date: judge(made, wishes, date) for date in made.dates}


@given(shops(), moments)
def test_whatever_can_be_had_is_open_in_time_baked_and_there(shop, since):
    first, facts, (lead_days, _, weekdays), quantity = shop
    now = start_of(first) + since
    for date, answer in answers(shop, now).items():
        if not answer.can:
            continue
        assert date.weekday() in facts["week"]
        assert (date - first).days not in facts["holidays"]
        assert weekdays >> date.weekday() & 1
        assert quantity <= facts["left"]
        assert now < answer.order_until <= answer.bake_day.cut_off
        today = now.astimezone(DUBLIN).date()
        assert today < date
        dates = [today + dt.timedelta(days=n) for n in range((date - today).days)]
        working = [
            each
            for each in dates
            if each.weekday() in facts["week"]
            and (each - first).days not in facts["holidays"]
        ]
        assert len(working) >= lead_days


@given(shops(), moments, moments)
def test_waiting_never_makes_a_day_possible(shop, since, wait):
    now = start_of(shop[0]) + since
    later = answers(shop, now + wait)
    for date, answer in answers(shop, now).items():
        assert answer.can or not later[date].can


@given(shops(), moments)
def test_wishing_more_or_needing_longer_never_makes_a_day_possible(shop, since):
    first, facts, (lead_days, until, weekdays), quantity = shop
    now = start_of(first) + since
    before = answers(shop, now)
    harder = [
        (first, facts, (lead_days, until, weekdays), quantity + 1),
        (first, facts, (lead_days + 1, until, weekdays), quantity),
        (first, facts | {"left": 0}, (lead_days, until, weekdays), quantity),
    ]
    for other in harder:
        for date, answer in answers(other, now).items():
            assert before[date].can or not answer.can


@given(shops(), moments)
def test_every_refusal_says_why_and_names_only_days_that_can_be_had(shop, since):
    now = start_of(shop[0]) + since
    found = answers(shop, now)
    for answer in found.values():
        for reason in answer.reasons:
            assert reason.sentence.endswith(".")
        named = [r for r in answer.reasons if "the earliest is" in r.sentence]
        for reason in named:
            words = reason.sentence.split("the earliest is ")[1].rstrip(".")
            [date] = [d for d in found if f"{d:%a} {d.day} {d:%b}" == words]
            assert found[date].can


def test_the_change_of_clocks_moves_the_instant_and_not_the_wall_time():
    monday = dt.date(2026, 3, 30)
    until = dt.datetime(2026, 3, 29, 17, tzinfo=dt.UTC)
    shop = (
        STARTS[0],
        {"week": set(range(7)), "holidays": set(), "left": 5},
        (1, None, 127),
        1,
    )
    before = answers(shop, until - dt.timedelta(seconds=1))[monday]
    assert before.can
    assert before.order_until == until
    assert not answers(shop, until)[monday].can
