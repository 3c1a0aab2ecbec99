"""A product's own page, and how lists offer it."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.conf import settings

from shop.models import Option, OptionGroup, Product, Variant
from tests.shop import make
from tests.shop.storefront import (
    free_day,
    linked_data,
    make_bread,
    open_shop,
    text_of,
    urls,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(db):
    return open_shop()


@pytest.fixture
def bread(shop):
    return make_bread()


def test_a_product_names_its_allergens_in_words(bread, client):
    response = client.get("/product/milk-bread/")
    words = text_of(response)
    assert "Contains gluten (wheat), milk . May contain traces of sesame." in words
    assert "<b>wheat</b> flour, whole <b>milk</b>" in response.content.decode()
    assert "€4.50 400 g · €11.25/kg" in words


def test_a_product_offers_its_sizes_and_options(bread, client):
    make.make_variant(product=bread, name="Large", sku="large", price_cents=700)
    slicing = OptionGroup.objects.create(name="Slicing", slug="slicing")
    Option.objects.create(group=slicing, name="Sliced", slug="sliced")
    Option.objects.create(group=slicing, name="Gone", slug="gone", is_active=False)
    message = OptionGroup.objects.create(
        name="Message", slug="message", kind="text", max_length=40
    )
    box = OptionGroup.objects.create(
        name="Box", slug="box", kind="variants", min_choices=2, max_choices=2
    )
    Option.objects.create(group=box, name="Bun", slug="bun", price_cents=50)
    for group in (slicing, message, box):
        group.products.add(bread)
    body = client.get("/product/milk-bread/").content.decode()
    assert '<input type="radio" name="sku" value="milk-bread" checked>' in body
    assert '<input type="radio" name="sku" value="large">' in body
    assert '<input type="radio" name="option-slicing" value="" checked>' in body
    assert '<input type="radio" name="option-slicing" value="sliced">' in body
    assert "gone" not in body
    assert 'name="option-message" maxlength="40"' in body
    assert body.count('<select class="input" name="option-box"') == 2
    assert '<option value="bun">Bun +€0.50</option>' in body


def test_what_must_be_chosen_first_is_not_added_from_a_list(bread, client):
    group = OptionGroup.objects.create(name="Box", slug="box", min_choices=1)
    group.products.add(bread)
    body = client.get("/").content.decode()
    assert 'value="milk-bread"' not in body
    assert "Choose<span" in body


def test_a_product_too_late_for_the_day_is_added_for_the_next(bread, client):
    Product.objects.update(lead_days=6)
    response = client.get(f"/product/milk-bread/?day={free_day()}")
    later = re.search(r'name="day" value="([-\d]+)"', response.content.decode())[1]
    assert dt.date.fromisoformat(later) > free_day()
    assert "Milk bread needs six working days" in text_of(response)


def test_a_product_tells_search_engines_price_and_availability(bread, client):
    make.make_variant(product=bread, name="Large", sku="large", price_cents=700)
    data = linked_data(client.get(f"/product/milk-bread/?day={free_day()}"))
    first, second = data["Product"]["offers"]
    assert (first["price"], second["price"]) == ("4.50", "7.00")
    assert first["priceCurrency"] == "EUR"
    assert first["availability"] == "https://schema.org/InStock"
    assert data["Product"]["url"] == f"{settings.SITE_URL}/product/milk-bread/"
    trail = data["BreadcrumbList"]["itemListElement"]
    assert [step["name"] for step in trail] == [
        "Home",
        bread.category.name,
        "Milk bread",
    ]


def test_a_product_without_a_picture_is_drawn(bread, client):
    body = client.get("/product/milk-bread/").content.decode()
    assert 'src="/media/drawn/milk-bread.svg"' in body


def test_names_with_markup_stay_words(bread, client):
    Product.objects.update(name="<script>alert(1)</script>", summary="</script><b>")
    for url in urls(bread)[:3]:
        body = client.get(url).content.decode()
        assert "<script>alert" not in body
        assert "</script><b>" not in body


def test_the_cheapest_variant_does_not_decide_what_is_added(bread, client):
    """A card adds the first variant, which the select names, not the cheapest."""
    Variant.objects.update(name="Whole", position=0)
    make.make_variant(
        product=bread, name="Half", sku="half", price_cents=250, position=1
    )
    body = client.get("/").content.decode()
    assert body.index('<option value="milk-bread">') < body.index(
        '<option value="half">'
    )
    assert "from <span" in body
