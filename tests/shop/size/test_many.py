"""A large demo shop: as many orders and products as are asked for, all of it true."""

from __future__ import annotations

import io
from collections import Counter

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F, Sum
from django.db.models.functions import Coalesce

from shop.codes import LONGEST, read_code
from shop.demo.load import load_demo
from shop.demo.many_orders import make_many_orders
from shop.demo.many_products import make_many_products
from shop.drawn import GONE
from shop.models import (
    BakeDay,
    Capacity,
    Customer,
    Draw,
    Order,
    OrderLine,
    Product,
    SearchGram,
    Slot,
    Variant,
)
from shop.reconcile import reconcile
from shop.search import find, index_products
from tests.shop import make
from tests.shop.make import day_from_today

pytestmark = pytest.mark.django_db

BACK = 40


@pytest.fixture
def demo():
    load_demo(day_from_today(0), pictures=False)


def test_there_are_as_many_products_as_asked_for_once(demo):
    assert make_many_products(60) == 36
    assert make_many_products(60) == 0
    assert Product.objects.count() == 60
    assert len(set(Product.objects.values_list("name", flat=True))) == 60
    assert not Variant.objects.filter(label={}).exists()


def test_names_go_on_when_the_words_are_used_up(demo, monkeypatch):
    monkeypatch.setattr("shop.demo.many_products.MANNERS", ("Old",))
    monkeypatch.setattr("shop.demo.many_products.FLAVOURS", ("oat",))
    assert make_many_products(80) == 56
    assert Product.objects.filter(name__contains=", kind 2").count() == 24


def test_search_finds_a_made_product_as_if_it_had_been_indexed(demo):
    make_many_products(60)
    made = Product.objects.last()
    assert find(made.name)[0].name == made.name
    before = SearchGram.objects.count()
    assert index_products() == 0
    assert SearchGram.objects.count() == before


def test_made_orders_agree_with_limits_sums_and_payments(demo):
    there = Order.objects.count()
    assert make_many_orders(400, day_from_today(0), back=BACK) == 400 - there
    assert Order.objects.count() == 400
    assert reconcile() == []
    drawn = Coalesce(Sum("draws__units"), 0)
    limits = Capacity.objects.annotate(drawn=drawn)
    assert not limits.exclude(taken=F("drawn")).exists()
    assert not limits.filter(taken__gt=F("limit")).exists()


def test_a_made_order_has_three_lines_and_a_place_in_its_slot(demo):
    make_many_orders(200, day_from_today(0), back=BACK)
    made = Order.objects.filter(email__startswith="buyer-")
    lines = Counter(OrderLine.objects.values_list("order", flat=True))
    assert {lines[order.pk] for order in made} == {3}
    assert not made.exclude(bake_day=F("slot__bake_day")).exists()
    live = made.exclude(state__in=GONE)
    places = Draw.objects.filter(order__in=live, capacity__slot=F("order__slot"))
    assert places.count() == live.count() > 100


def test_past_orders_are_over_and_coming_ones_are_open(demo):
    make_many_orders(400, day_from_today(0), back=BACK)
    made = Order.objects.filter(email__startswith="buyer-")
    past = made.filter(bake_day__date__lt=day_from_today(0))
    states = set(past.values_list("state", flat=True))
    assert states <= {"handed_over", "cancelled", "not_collected"}
    coming = made.filter(bake_day__date__gte=day_from_today(0))
    assert set(coming.values_list("state", flat=True)) == {"confirmed"}
    assert past.count() > coming.count() > 0
    per_day = Counter(past.values_list("bake_day", flat=True))
    assert max(per_day.values()) <= 3 * min(per_day.values())


def test_past_days_are_closed_and_made_once(demo):
    make_many_orders(100, day_from_today(0), back=BACK)
    past = BakeDay.objects.filter(date__lt=day_from_today(0))
    assert set(past.values_list("state", flat=True)) == {"done"}
    assert not past.filter(slots=None).exists()
    before = (BakeDay.objects.count(), Slot.objects.count(), Capacity.objects.count())
    make_many_orders(150, day_from_today(0), back=BACK)
    assert before == (
        BakeDay.objects.count(),
        Slot.objects.count(),
        Capacity.objects.count(),
    )


def test_a_second_time_only_the_missing_orders_are_made(demo):
    make_many_orders(100, day_from_today(0), back=BACK)
    assert make_many_orders(100, day_from_today(0), back=BACK) == 0
    assert make_many_orders(130, day_from_today(0), back=BACK) == 30
    assert Order.objects.count() == 130
    assert reconcile() == []


def test_codes_can_be_said_at_the_counter(demo):
    make_many_orders(100, day_from_today(0), back=BACK)
    made = Order.objects.filter(email__startswith="buyer-")
    codes = set(made.values_list("code", flat=True))
    assert {len(code) for code in codes} == {LONGEST}
    assert {read_code(code) for code in codes} == codes


def test_the_next_rows_get_numbers_of_their_own(demo):
    make_many_orders(100, day_from_today(0), back=BACK)
    make_many_products(40)
    last = Order.objects.order_by("pk").last().pk
    assert make.make_order(lines={}).pk > last
    assert make.make_customer().pk > Customer.objects.order_by("pk").first().pk
    make.make_product()


def test_the_command_says_what_it_made_and_nothing_to_machines():
    out, err = io.StringIO(), io.StringIO()
    call_command(
        *("demo", "--no-pictures", "--orders", "120", "--products", "30"),
        stdout=out,
        stderr=err,
    )
    assert (Order.objects.count(), Product.objects.count()) == (120, 30)
    assert "30 products" in out.getvalue()
    assert "120 orders" in out.getvalue()
    assert err.getvalue() == ""
    assert reconcile() == []


@pytest.mark.parametrize("words", [["--orders", "5"], ["--products", "30"]])
def test_a_fleet_refuses_made_up_orders_and_products(settings, words):
    settings.FLEET = "market-lane"
    with pytest.raises(CommandError, match="not for a fleet"):
        call_command("demo", *words)
    assert (Order.objects.count(), Product.objects.count()) == (0, 0)
