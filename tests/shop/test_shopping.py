"""A basket is shown at today's prices, whatever has become of the catalogue."""

from __future__ import annotations

import pytest

from basket.backends.base import Contents, Line
from shop.choices import item_key, line_details, parse_choices
from shop.models import Option, OptionGroup, Picture, Product, Variant
from shop.shopping import priced, wishes
from tests.shop import make
from tests.shop.baskets import make_basket

pytestmark = pytest.mark.django_db


def make_choice(variant, slug="sliced", price_cents=0, **facts):
    group = OptionGroup.objects.create(name="Slicing", slug=f"g-{make.number()}")
    group.products.add(variant.product)
    return Option.objects.create(
        group=group, slug=slug, name="Sliced", price_cents=price_cents, **facts
    )


def basket_of(*lines, details=None):
    return Contents("t" * 32, 1, "open", "", details or {}, tuple(lines))


def line_with(variant, option, quantity=1):
    choices = parse_choices(variant, {f"option-{option.group.slug}": option.slug})
    details = line_details(variant, choices)
    return Line(item_key(variant, choices), quantity, details)


def test_lines_have_names_prices_and_choices():
    bread = make.make_variant(
        product=make.make_product(name="Milk bread", variant=False), price_cents=450
    )
    option = make_choice(bread, price_cents=20)
    picture = Picture.objects.create(
        product=bread.product, alt="x", digest="d", width=1, height=1, colour="#fff"
    )
    basket = priced(basket_of(line_with(bread, option, 2)))
    [line] = basket.lines
    assert (line.name, line.quantity, line.unit_cents) == ("Milk bread", 2, 470)
    assert line.options_words == ["Slicing: Sliced"]
    assert line.picture == picture
    assert (basket.total_cents, basket.pieces) == (940, 2)
    assert not line.gone


@pytest.mark.parametrize("count", [1, 7, 60])
def test_a_basket_is_priced_in_five_queries(count, django_assert_num_queries):
    lines = []
    for _ in range(count):
        variant = make.make_variant()
        lines.append(line_with(variant, make_choice(variant)))
    slot = make.make_slot()
    details = {"day": slot.bake_day.date.isoformat(), "slot": slot.pk}
    with django_assert_num_queries(5):
        basket = priced(basket_of(*lines, details=details))
        for line in basket.lines:
            assert line.name
            assert line.options_words
            assert not line.gone
        assert basket.slot.place
        assert basket.slot.bake_day


def test_an_empty_basket_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        basket = priced(basket_of())
    assert (basket.lines, basket.total_cents, basket.slot) == ((), 0, None)


def retire(variant):
    Variant.objects.filter(pk=variant.pk).update(is_active=False)


def unlist(variant):
    Product.objects.filter(pk=variant.product_id).update(is_listed=False)


def drop_option(variant):
    Option.objects.all().delete()


def detach_group(variant):
    variant.product.option_groups.clear()


def retire_option(variant):
    Option.objects.update(is_active=False)


def delete(variant):
    variant.delete()


@pytest.mark.parametrize(
    "happens", [retire, unlist, drop_option, detach_group, retire_option, delete]
)
def test_what_has_vanished_is_a_gone_line_that_costs_nothing(happens):
    bread, roll = make.make_variant(), make.make_variant(price_cents=90)
    contents = basket_of(line_with(bread, make_choice(bread)), Line(roll.sku, 3))
    happens(bread)
    basket = priced(contents)
    assert [line.gone for line in basket.lines] == [True, False]
    assert basket.gone[0].total_cents == 0
    assert basket.total_cents == 270
    assert [wish.variant for wish in wishes(basket)] == [roll]


@pytest.mark.parametrize(
    "details",
    [
        {"sku": 7},
        {"sku": None, "options": "sliced"},
        {"options": [1, None, "x"]},
        {"options": [{"group": ["a"], "option": {}}]},
        {"options": [{}]},
        {"options": {"group": "x"}},
    ],
)
def test_nonsense_in_the_details_is_a_gone_line(details):
    bread = make.make_variant()
    [line] = priced(basket_of(Line(bread.sku, 1, {"sku": bread.sku} | details))).lines
    assert line.gone == ("options" in details)


def test_a_seen_price_that_is_nonsense_is_none():
    bread = make.make_variant()
    [line] = priced(basket_of(Line(bread.sku, 1, {"seen_cents": "1"}))).lines
    assert (line.seen_cents, line.rose) == (None, False)


def test_a_price_that_rose_says_so_and_one_that_fell_does_not():
    bread = make.make_variant(price_cents=450)
    lines = [Line(bread.sku, 1, {"sku": bread.sku, "seen_cents": 449})]
    assert priced(basket_of(*lines)).lines[0].rose
    lines = [Line(bread.sku, 1, {"sku": bread.sku, "seen_cents": 451})]
    assert not priced(basket_of(*lines)).lines[0].rose


@pytest.mark.parametrize(
    "details",
    [
        {"day": "2026-11-31", "slot": 1},
        {"day": 20261124, "slot": 1},
        {"day": ["2026"], "slot": {}},
        {"slot": 1},
        {"day": "2026-11-24", "slot": 2**70},
        {"day": "2026-11-24", "slot": True},
        {"day": "2026-11-24", "slot": -1},
        {"day": None, "slot": None},
    ],
)
def test_a_day_or_slot_that_is_nonsense_is_none(details):
    assert priced(basket_of(details=details)).slot is None


def test_a_slot_of_another_day_is_none():
    slot = make.make_slot()
    details = {"day": make.day_from_today(9).isoformat(), "slot": slot.pk}
    basket = priced(basket_of(details=details))
    assert (basket.day, basket.slot) == (make.day_from_today(9), None)


def test_the_pieces_of_a_box_are_wished_for_too():
    box, roll = make.make_variant(), make.make_variant()
    group = OptionGroup.objects.create(
        name="Six", slug="six", kind="variants", min_choices=6, max_choices=6
    )
    group.products.add(box.product)
    Option.objects.create(group=group, slug="roll", name="Roll", variant=roll)
    choices = parse_choices(box, {"option-six": ["roll"] * 6})
    contents = make_basket({box: 2}, choices=choices)
    asked = {wish.variant: wish.quantity for wish in wishes(priced(contents))}
    assert asked == {box: 2, roll: 12}
