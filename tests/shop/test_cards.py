"""Cards of products on a day."""

from __future__ import annotations

import pytest

from shop.cards import Card
from shop.catalogue import products_for_list
from shop.models import Product
from shop.offers import Offer
from tests.shop import make
from tests.shop.shopfront_stage import TUE, front_for, open_market_lane

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return open_market_lane()


def test_a_card_of_one_price(shop):
    product = make.make_product(variant=False)
    make.make_variant(product=product, price_cents=280, net_weight_g=250)
    front = front_for(products_for_list())
    [card] = front.cards(products_for_list())
    assert (card.can, card.tag, card.variants) == (True, "", [])
    assert (card.lowest_cents, card.has_several_prices) == (280, False)
    assert card.weight_words == "250 g · €11.20/kg"
    assert card.href == f"/product/{product.slug}/"


def test_a_card_looks_at_its_variants_once(shop, django_assert_num_queries):
    product = make.make_product(variant=False)
    for name, cents in [("Whole", 640), ("Half", 340)]:
        make.make_variant(product=product, name=name, price_cents=cents)
    [card] = front_for(products_for_list()).cards(products_for_list())
    card = Card(Product.objects.get(), card.offer, card.date, card.query)
    with django_assert_num_queries(1):
        facts = (card.variant.price_cents, card.lowest_cents, len(card.variants))
        assert facts == (640, 340, 2)
        assert card.has_several_prices
        assert card.weight_words == ""


def test_a_card_of_several_sizes(shop):
    product = make.make_product(variant=False)
    for position, (name, cents, grams) in enumerate(
        [("Whole", 640, 800), ("Half", 340, 400), ("Gift", 900, None)]
    ):
        make.make_variant(
            product=product,
            name=name,
            price_cents=cents,
            net_weight_g=grams,
            position=position,
        )
    [card] = front_for(products_for_list()).cards(products_for_list())
    assert [each.name for each in card.variants] == ["Whole", "Half", "Gift"]
    assert (card.lowest_cents, card.has_several_prices) == (340, True)
    assert card.weight_words == "€8.00–€8.50/kg"


def test_a_sold_out_card_says_when_there_is_more(shop):
    product = make.make_product()
    make.make_capacity(
        bake_day=make.BakeDay.objects.get(date=TUE), product=product, limit=9, taken=9
    )
    [card] = front_for(products_for_list()).cards(products_for_list())
    assert card.offer.offer == Offer.SOLD_OUT
    assert (card.can, card.tag) == (False, "Sold out for Tue 24 Nov")
    assert card.next_href == f"/product/{product.slug}/?day=2026-11-25"


def test_the_last_pieces_are_few_and_never_counted(shop):
    product = make.make_product()
    make.make_capacity(
        bake_day=make.BakeDay.objects.get(date=TUE), product=product, limit=9, taken=7
    )
    [card] = front_for(products_for_list()).cards(products_for_list())
    assert (card.can, card.is_few, card.tag) == (True, True, "Few left")
