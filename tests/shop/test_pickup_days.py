"""The pick-up day of a page, and the sentence about it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import RequestFactory

from shop.catalogue import products_for_list
from shop.opening import open_days
from shop.pickup_days import cut_off_sentence, days_of
from tests.shop import make
from tests.shop.shopfront_stage import (
    MON,
    NOON,
    SUN,
    TUE,
    WED,
    front_for,
    open_market_lane,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return open_market_lane()


def test_the_strip_starts_tomorrow_and_chooses_the_earliest(shop):
    strip = front_for([]).strip
    assert [(day.date, day.can, day.words) for day in strip.days[:3]] == [
        (MON, False, "closed"),
        (TUE, True, "from 7:00"),
        (WED, True, "from 7:00"),
    ]
    assert (strip.date, strip.query, strip.problem) == (TUE, "", "")


def test_a_day_of_the_url_is_kept_in_links(shop):
    strip = front_for([], "/search/?q=rye&day=2026-11-25").strip
    assert (strip.date, strip.query) == (WED, "?day=2026-11-25")
    assert strip.days[3].href == "/search/?q=rye&day=2026-11-26"


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2026-11-23", "We are closed on Mon 23 Nov."),
        ("2026-11-21", "There is no ordering for the day in this link."),
        ("never", "There is no ordering for the day in this link."),
        ("2026-02-30", "There is no ordering for the day in this link."),
    ],
)
def test_a_day_that_cannot_be_had_gives_the_earliest_and_says_why(shop, day, why):
    strip = front_for([], f"/?day={day}").strip
    assert (strip.date, strip.query) == (TUE, "")
    assert strip.problem == f"{why} You see what there is on Tue 24 Nov."


def test_a_holiday_is_named_in_the_strip(shop):
    make.make_exception(date=WED, reason="Baker's wedding")
    days = {day.date: day.words for day in front_for([]).strip.days}
    assert days[WED] == "Baker's wedding"


def test_a_shop_that_never_bakes_still_has_a_page():
    front = front_for([make.make_product()])
    assert front.strip.chosen is None
    assert front.strip.date == MON
    assert front.cut_off == "We take no orders at the moment."
    [card] = front.cards(products_for_list())
    assert (card.can, card.next_href) == (False, "")


@pytest.mark.parametrize(
    ("url", "now", "sentence"),
    [
        ("/", NOON, "Order until tomorrow at 18:00 and pick it up on Tue 24 Nov"),
        (
            "/?day=2026-11-26",
            NOON,
            "Order until Wed 25 Nov at 18:00 and pick it up on Thu 26 Nov",
        ),
        (
            "/",
            make.at(TUE, dt.time(9)),
            "Order until 18:00 and pick it up tomorrow",
        ),
    ],
)
def test_the_cut_off_is_a_sentence_with_real_times(shop, url, now, sentence):
    open_days(SUN, 14)
    make.BakeDay.objects.filter(date=TUE).update(
        cut_off=make.at(MON, dt.time(18))  # although it is a day of rest
    )
    front = front_for([], url, now)
    assert cut_off_sentence(front.shell, front.strip) == f"{sentence} from 7:00."


def test_a_product_says_why_it_is_not_to_be_had_on_a_day(shop):
    product = make.make_product(weekdays=0b0000100)  # Wednesdays
    front = front_for([product])
    request = RequestFactory().get("/")
    days = days_of(request, front.shell, front.supply, product.variants.get())
    assert [(day.date, day.can, day.words) for day in days[:3]] == [
        (MON, False, "closed"),
        (TUE, False, "not baked"),
        (WED, True, "from 7:00"),
    ]
