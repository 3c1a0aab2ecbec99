"""What lists of products say about a day."""

from __future__ import annotations

import datetime as dt

import pytest

from shop.availability import Offer, ProductOffer, offers_on
from shop.models import BakeDay, Capacity, Product
from shop.opening import open_days
from tests.shop import make

pytestmark = pytest.mark.django_db

MON = dt.date(2026, 11, 23)
TUE, WED, THU = (MON + dt.timedelta(days=n) for n in range(1, 4))
NOON = make.at(MON, dt.time(12))


@pytest.fixture(autouse=True)
def shop(db):
    place = make.make_place(closes=dt.time(8))
    open_days(MON, 14)
    return place


def bread(left=None, limit=40, date=TUE, **facts):
    product = make.make_product(name="Milk bread", **facts)
    if left is not None:
        make.make_capacity(
            bake_day=BakeDay.objects.get(date=date),
            product=product,
            limit=limit,
            taken=limit - left,
        )
    return product


def offer(product, date=TUE, now=NOON):
    return offers_on(date, [product], now=now)[product.pk]


def test_what_there_is_enough_of_is_available_without_a_word():
    assert offer(bread()) == ProductOffer(Offer.AVAILABLE, "", None)
    assert offer(bread(left=5)) == ProductOffer(Offer.AVAILABLE, "", None)


@pytest.mark.parametrize(
    ("left", "limit", "expected"),
    [
        (3, 10, Offer.FEW),
        (4, 10, Offer.AVAILABLE),
        (3, 3, Offer.FEW),
        (10, 100, Offer.FEW),
        (11, 100, Offer.AVAILABLE),
        (0, 100, Offer.SOLD_OUT),
    ],
)
def test_few_is_three_or_a_tenth_of_the_limit(left, limit, expected):
    assert offer(bread(left=left, limit=limit)).offer == expected


def test_few_never_says_how_many():
    few = offer(bread(left=2))
    assert few == ProductOffer(Offer.FEW, "Only a few left for Tue 24 Nov.", None)
    assert few.can


def test_sold_out_names_the_next_day():
    product = bread(left=0)
    make.make_exception(date=WED)
    assert offer(product) == ProductOffer(
        Offer.SOLD_OUT, "We are sold out of Milk bread for Tue 24 Nov.", THU
    )
    assert not offer(product).can


def test_each_reason_has_its_offer():
    assert offer(bread(weekdays=0b1)).offer == Offer.NOT_THAT_DAY
    assert offer(bread(is_listed=False)).offer == Offer.NOT_THAT_DAY
    assert offer(bread(lead_days=2)).offer == Offer.TOO_LATE
    assert offer(bread(), now=make.at(MON, dt.time(18))).offer == Offer.TOO_LATE
    make.make_exception(date=TUE)
    assert offer(bread()).offer == Offer.NOT_THAT_DAY


def test_a_day_without_free_slots_is_sold_out():
    Capacity.objects.filter(slot__bake_day__date=TUE).update(limit=0)
    assert offer(bread()) == ProductOffer(
        Offer.SOLD_OUT, "No pick-up time is free on Tue 24 Nov.", WED
    )


def test_a_product_is_available_if_any_of_its_variants_is():
    product = bread(left=5)
    make.make_variant(product=product, pieces=6)
    assert offer(product).offer == Offer.AVAILABLE
    make.make_variant(product=product, is_active=False)
    assert offer(product).offer == Offer.AVAILABLE


def test_a_product_without_variants_is_no_longer_sold():
    product = make.make_product(name="Rye", variant=False)
    assert offer(product) == ProductOffer(
        Offer.NOT_THAT_DAY, "We no longer sell Rye.", None
    )


def test_a_shared_resource_makes_few_in_the_products_own_measure():
    cake = bread()
    oven = make.make_resource(uses={cake.variants.get(): 12})
    make.make_capacity(
        bake_day=BakeDay.objects.get(date=TUE), resource=oven, limit=120, taken=84
    )
    assert offer(cake).offer == Offer.FEW


@pytest.mark.parametrize("date", [dt.date.min, dt.date.max, dt.date(2031, 1, 1)])
def test_any_date_gets_an_answer(date):
    assert offer(bread(), date=date).offer == Offer.NOT_THAT_DAY


def test_any_number_of_products_takes_six_queries(django_assert_num_queries):
    for _ in range(6):
        make.make_variant(product=bread(left=0))
    products = Product.objects.prefetch_related("variants")
    for some in (list(products[:1]), list(products)):
        with django_assert_num_queries(6):
            assert len(offers_on(TUE, some, now=NOON)) == len(some)
