"""The same again: what can be had goes into the basket, what cannot is explained."""

from __future__ import annotations

import html

import pytest
from django.urls import reverse

from basket.badge import COOKIE_NAME as BADGE
from basket.basket import ShopperBasket
from shop.choices import item_key, parse_choices
from shop.models import Option, OptionGroup, OrderLine, Product, Variant
from shop.order_again import order_again
from tests.shop import make
from tests.shop.account.people import make_account, past_order, visitor
from tests.shop.shopper import text

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer():
    return make_account()


@pytest.fixture
def bread():
    return make.make_product(name="Milk bread", price_cents=450).variants.get()


def again(shopper, order, **fields):
    return shopper.post(reverse("account_pages:order_again", args=[order.code]), fields)


def with_slicing(variant, **facts):
    group = OptionGroup.objects.create(name="Slicing", slug="slicing", **facts)
    group.products.add(variant.product)
    return Option.objects.create(group=group, slug="thick", name="Thick")


def test_all_of_it_goes_into_the_basket(customer, bread):
    rye = make.make_variant(price_cents=390)
    shopper = visitor(customer)
    answer = again(shopper, past_order(customer, {bread: 2, rye: 1}))
    assert (answer.status_code, answer["Location"]) == (303, "/basket/")
    assert shopper.pieces() == {bread.sku: 2, rye.sku: 1}
    assert "is in your basket again." in text(shopper.get("/basket/"))


def test_a_double_press_counts_once_and_a_later_one_again(customer, bread):
    shopper, order = visitor(customer), past_order(customer, {bread: 2})
    again(shopper, order)
    first = shopper.cookies[BADGE].value
    del shopper.cookies[BADGE]  # the second press left before the first answer came
    again(shopper, order)
    assert shopper.pieces() == {bread.sku: 2}
    shopper.cookies[BADGE] = first
    again(shopper, order)
    assert shopper.pieces() == {bread.sku: 4}


def test_the_script_s_operation_counts_once_for_each_line(customer, bread):
    rye = make.make_variant()
    shopper, order = visitor(customer), past_order(customer, {bread: 2, rye: 3})
    for _ in range(2):
        again(shopper, order, operation="one-operation")
    assert shopper.pieces() == {bread.sku: 2, rye.sku: 3}


def test_it_comes_on_top_of_what_is_in_the_basket(customer, bread):
    shopper, order = visitor(customer), past_order(customer, {bread: 2})
    shopper.add(bread, 1)
    again(shopper, order)
    assert shopper.pieces() == {bread.sku: 3}


def test_a_product_that_has_gone_is_named_and_the_rest_comes(customer, bread):
    rye = make.make_product(name="Old rye").variants.get()
    shopper, order = visitor(customer), past_order(customer, {bread: 1, rye: 1})
    Product.objects.filter(pk=rye.product_id).update(is_listed=False)
    again(shopper, order)
    assert shopper.pieces() == {bread.sku: 1}
    said = text(shopper.get("/basket/"))
    assert f"Order {order.code} is in your basket again, but not all of it." in said
    assert "Old rye: we no longer bake this." in said


def test_a_size_that_has_gone_leads_to_the_others(customer, bread):
    shopper, order = visitor(customer), past_order(customer, {bread: 1})
    Variant.objects.filter(pk=bread.pk).update(is_active=False)
    again(shopper, order)
    assert shopper.pieces() == {}
    page = shopper.get("/basket/")
    assert f"Nothing of order {order.code} can be had as it was." in text(page)
    assert "Milk bread: we no longer sell it like this." in text(page)
    assert f'href="{bread.product.get_absolute_url()}"' in page.content.decode()


def test_a_new_price_is_told_and_marked(customer, bread):
    shopper, order = visitor(customer), past_order(customer, {bread: 1})
    Variant.objects.filter(pk=bread.pk).update(price_cents=480)
    again(shopper, order)
    said = text(shopper.get("/basket/"))
    assert "Milk bread is €4.80 now; it was €4.50." in said
    assert "€4.80 each was €4.50" in said


def test_options_come_along(customer, bread):
    thick = with_slicing(bread)
    shopper, order = visitor(customer), past_order(customer, {bread: 1})
    order.lines.update(options=[{"group": "Slicing", "choice": "Thick"}])
    again(shopper, order)
    chosen = parse_choices(bread, {"option-slicing": thick.slug})
    assert shopper.pieces() == {item_key(bread, chosen): 1}


def test_an_option_that_has_gone_is_explained_and_never_left_out_silently(
    customer, bread
):
    thick = with_slicing(bread)
    shopper, order = visitor(customer), past_order(customer, {bread: 1})
    order.lines.update(options=[{"group": "Slicing", "choice": "Thick"}])
    Option.objects.filter(pk=thick.pk).update(is_active=False)
    again(shopper, order)
    assert shopper.pieces() == {}
    said = html.unescape(text(shopper.get("/basket/")))
    assert "Milk bread: “Slicing: Thick” can no longer be chosen." in said


def test_a_question_that_is_new_has_to_be_answered(customer, bread):
    shopper, order = visitor(customer), past_order(customer, {bread: 1})
    with_slicing(bread, min_choices=1)
    again(shopper, order)
    assert shopper.pieces() == {}
    said = text(shopper.get("/basket/"))
    assert "Milk bread has to be chosen anew. Slicing: choose 1." in said


def test_a_text_comes_along(customer, bread):
    group = OptionGroup.objects.create(
        name="Message", slug="message", kind=OptionGroup.Kind.TEXT, max_length=20
    )
    group.products.add(bread.product)
    shopper, order = visitor(customer), past_order(customer, {bread: 1})
    order.lines.update(options=[{"group": "Message", "choice": "Happy birthday"}])
    again(shopper, order)
    assert "Message: Happy birthday" in text(shopper.get("/basket/"))


def test_the_pieces_of_a_box_come_along_each_as_often(customer, bread):
    muffin, bun = make.make_variant(), make.make_variant()
    box = OptionGroup.objects.create(
        name="Pieces",
        slug="pieces",
        kind=OptionGroup.Kind.VARIANTS,
        min_choices=3,
        max_choices=3,
    )
    box.products.add(bread.product)
    for slug, variant in {"muffin": muffin, "bun": bun}.items():
        Option.objects.create(group=box, slug=slug, name=slug, variant=variant)
    shopper, order = visitor(customer), past_order(customer, {bread: 1})
    facts = [("muffin", muffin, 2), ("bun", bun, 1)]
    order.lines.update(
        options=[
            {"group": "Pieces", "choice": name, "sku": variant.sku, "pieces": n}
            for name, variant, n in facts
        ]
    )
    again(shopper, order)
    said = text(shopper.get("/basket/"))
    assert "Pieces: 2 × muffin" in said
    assert "Pieces: bun" in said


def test_no_more_than_may_be_ordered_today(customer, bread):
    shopper, order = visitor(customer), past_order(customer, {bread: 6})
    Product.objects.filter(pk=bread.product_id).update(max_per_order=4)
    again(shopper, order)
    assert shopper.pieces() == {bread.sku: 4}
    assert "Milk bread: 4 instead of 6" in text(shopper.get("/basket/"))


def test_a_full_basket_says_so_and_keeps_what_it_had(customer, bread):
    shopper, order = visitor(customer), past_order(customer, {bread: 9})
    shopper.set(bread.sku, 0)
    Product.objects.update(max_per_order=99)
    shopper.add(bread, 95)
    again(shopper, order)
    assert shopper.pieces() == {bread.sku: 95}
    assert "but not all" not in text(shopper.get("/basket/"))
    assert "Nothing of order" in text(shopper.get("/basket/"))


def test_many_remarks_are_counted_when_they_do_not_fit(customer):
    variants = [make.make_product(name=f"{'é' * 60} {n}") for n in range(30)]
    lines = {product.variants.get(): 1 for product in variants}
    shopper, order = visitor(customer), past_order(customer, lines)
    Product.objects.update(is_listed=False)
    answer = again(shopper, order)
    assert len(answer.cookies["told"].value) < 3000
    assert "more changes like these." in text(shopper.get("/basket/"))


def test_somebody_else_s_order_is_as_unknown_as_none(customer, bread):
    shopper, foreign = visitor(customer), past_order(make_account(), {bread: 1})
    missing = shopper.post(reverse("account_pages:order_again", args=["ZZZZZZ"]))
    answer = again(shopper, foreign)
    assert (answer.status_code, missing.status_code) == (404, 404)
    assert answer.content == missing.content
    assert shopper.pieces() == {}


@pytest.mark.parametrize("code", ["%00", "%F0%9F%A5%90", "x" * 300, "'--", "Ä"])
def test_nonsense_for_a_code_is_not_found(customer, code):
    shopper = visitor(customer)
    assert shopper.post(f"/account/orders/{code}/again/").status_code == 404


def test_the_queries_for_reading_do_not_grow_with_the_lines(
    customer, bread, django_assert_max_num_queries
):
    lines = {make.make_product(name=f"Bread {n}").variants.get(): 1 for n in range(9)}
    order = past_order(customer, lines)
    Product.objects.update(is_listed=False)
    basket = ShopperBasket(None)
    with django_assert_max_num_queries(5):
        came = order_again(order, basket, operation="one-operation")
    assert (came.lines, len(came.missing)) == (0, 9)
    assert OrderLine.objects.filter(order=order).count() == 9
