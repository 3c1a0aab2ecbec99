"""What templates are given in words already: lines, times, cards."""

from __future__ import annotations

import datetime as dt

import pytest

from shop.models import Product, Slot
from shop.slots import SlotAnswer
from shop.templatetags.addresses import product_address
from shop.templatetags.days import clock, day_words, moment
from shop.templatetags.money import price
from shop.templatetags.pick_up_choices import span
from tests.shop import make
from tests.shop.shopper import Shopper

SUMMER = dt.datetime(2026, 7, 4, 23, 30, tzinfo=dt.UTC)


@pytest.fixture
def in_dublin(settings):
    settings.TIME_ZONE = "Europe/Dublin"


def test_moments_are_told_in_the_bakery_s_zone(in_dublin):
    assert moment(SUMMER) == "Sun 5 Jul, 00:30"
    assert day_words(SUMMER) == "Sun 5 Jul"
    assert clock(SUMMER) == "0:30"
    assert clock(dt.time(7, 5)) == "7:05"


def test_a_price_is_an_element_with_more_classes_if_told():
    assert price(450) == '<span class="price">€4.50</span>'
    assert price(-5, "a&b") == '<span class="price a&amp;b">−€0.05</span>'


def test_a_product_s_address_is_the_one_of_the_product():
    assert product_address("rye") == Product(slug="rye").get_absolute_url()


def test_the_span_of_a_time():
    slot = Slot(starts=dt.time(7, 30), ends=dt.time(8))
    assert span(SlotAnswer(slot, 1, True, "free")) == "7:30–8:00"


@pytest.mark.django_db
def test_names_are_escaped_wherever_a_line_or_card_tells_them():
    slot = make.make_slot()
    product = make.make_product(name="<b>Rye</b> & Co", is_featured=True)
    variant = product.variants.first() or make.make_variant(product=product)
    shopper = Shopper()
    best = shopper.get("/basket/").content.decode()
    shopper.fill(variant, slot, 2)
    for page in (best, shopper.get("/basket/").content.decode()):
        assert "&lt;b&gt;Rye&lt;/b&gt; &amp; Co" in page
        assert "<b>Rye" not in page
        assert "&amp;lt;" not in page
