"""What is posted with a product is believed only as far as the product offers it."""

from __future__ import annotations

import pytest
from django.http import QueryDict

from shop.choices import (
    find_variant,
    item_key,
    line_details,
    parse_choices,
    parse_quantity,
    words,
)
from shop.exceptions import BadChoice
from shop.models import Option, OptionGroup
from tests.shop import make

pytestmark = pytest.mark.django_db


def make_group(product, slug="slicing", options=("whole", "sliced"), **facts):
    group = OptionGroup.objects.create(name=slug.title(), slug=slug, **facts)
    group.products.add(product)
    for position, option in enumerate(options):
        Option.objects.create(
            group=group, slug=option, name=option.title(), position=position
        )
    return group


@pytest.fixture
def bread():
    variant = make.make_variant(price_cents=450)
    make_group(variant.product, min_choices=1)
    return variant


def refusal(variant, query):
    with pytest.raises(BadChoice) as refused:
        parse_choices(variant, QueryDict(query))
    return refused.value.field, str(refused.value)


def test_an_option_of_the_product_is_chosen(bread):
    choices = parse_choices(bread, QueryDict("option-slicing=sliced&quantity=2"))
    assert choices.as_facts() == [{"group": "slicing", "option": "sliced"}]
    assert words(choices.all) == ["Slicing: Sliced"]


def test_choices_are_read_in_two_queries(bread, django_assert_num_queries):
    make_group(bread.product, "seeds", ["poppy", "sesame"], max_choices=2)
    make_group(bread.product, "message", [], kind="text", max_length=20)
    with django_assert_num_queries(2):
        parse_choices(bread, {"option-slicing": "sliced", "option-message": "Hello"})


@pytest.mark.parametrize(
    ("query", "field", "sentence"),
    [
        ("option-slicing=burnt", "option-slicing", "cannot be chosen any more"),
        ("option-slicing=sliced&option-slicing=whole", "option-slicing", "choose 1."),
        ("option-slicing=", "option-slicing", "choose 1."),
        ("", "option-slicing", "choose 1."),
        ("option-icing=pink&option-slicing=whole", "option-icing", "cannot be chosen"),
        ("option-slicing=sliced%00", "option-slicing", "cannot be chosen any more"),
    ],
)
def test_what_the_product_does_not_offer_is_refused(bread, query, field, sentence):
    named, said = refusal(bread, query)
    assert named == field
    assert sentence in said


def test_an_option_of_another_product_is_refused(bread):
    make_group(make.make_product(), "icing", ["pink"])
    assert refusal(bread, "option-slicing=whole&option-icing=pink")[0] == "option-icing"


def test_a_retired_option_is_refused(bread):
    Option.objects.filter(slug="sliced").update(is_active=False)
    assert refusal(bread, "option-slicing=sliced")[0] == "option-slicing"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("x" * 21, "at most 20 letters, this has 21"), ("a\x00b", "can be written")],
)
def test_a_text_that_cannot_be_written_is_refused(text, sentence):
    cake = make.make_variant()
    make_group(cake.product, "message", [], kind="text", max_length=20)
    with pytest.raises(BadChoice) as refused:
        parse_choices(cake, {"option-message": text})
    assert refused.value.field == "option-message"
    assert sentence in str(refused.value)


def test_a_text_is_kept_with_single_blanks_and_an_empty_one_is_none():
    cake = make.make_variant()
    make_group(cake.product, "message", [], kind="text", max_length=20)
    choices = parse_choices(cake, {"option-message": "  Happy\r\n  birthday 🎂 "})
    assert choices.as_facts() == [{"group": "message", "text": "Happy birthday 🎂"}]
    assert parse_choices(cake, {"option-message": "   "}).all == ()


def test_a_box_is_filled_with_pieces_that_may_repeat():
    box, roll, bun = (make.make_variant() for _ in range(3))
    group = make_group(
        box.product, "pieces", [], kind="variants", min_choices=4, max_choices=4
    )
    for variant, slug in [(roll, "roll"), (bun, "bun")]:
        Option.objects.create(group=group, slug=slug, name=slug, variant=variant)
    four = "option-pieces=bun&option-pieces=roll&option-pieces=bun&option-pieces=bun"
    choices = parse_choices(box, QueryDict(four))
    assert [c.option.variant for c in choices.all] == [roll, bun, bun, bun]
    assert words(choices.all) == ["Pieces: roll", "Pieces: 3 × bun"]
    assert refusal(box, "option-pieces=bun") == ("option-pieces", "Pieces: choose 4.")


def test_equal_choices_share_a_line_and_different_ones_do_not(bread):
    sliced = parse_choices(bread, {"option-slicing": "sliced"})
    whole = parse_choices(bread, {"option-slicing": "whole"})
    again = parse_choices(bread, QueryDict("option-slicing=sliced"))
    assert item_key(bread, sliced) == item_key(bread, again)
    assert item_key(bread, sliced) != item_key(bread, whole)
    assert item_key(bread, sliced).startswith(f"{bread.sku}:")
    plain = make.make_variant()
    assert item_key(plain, parse_choices(plain, {})) == plain.sku


def test_the_line_remembers_the_price_that_was_seen(bread):
    Option.objects.filter(slug="sliced").update(price_cents=30)
    choices = parse_choices(bread, {"option-slicing": "sliced"})
    assert line_details(bread, choices) == {
        "sku": bread.sku,
        "options": [{"group": "slicing", "option": "sliced"}],
        "seen_cents": 480,
    }


@pytest.mark.parametrize(
    "sku", ["nothing", "", "a\x00b", "x" * 5000, "'; --", "\ud800"]
)
def test_a_forged_sku_is_refused(sku):
    with pytest.raises(BadChoice) as refused:
        find_variant(sku)
    assert refused.value.field == "sku"


def test_retired_and_unlisted_variants_are_refused():
    retired = make.make_variant(is_active=False)
    unlisted = make.make_variant(product=make.make_product(is_listed=False))
    for variant in (retired, unlisted):
        with pytest.raises(BadChoice):
            find_variant(variant.sku)
    sold = make.make_variant()
    assert find_variant(sold.sku) == sold


@pytest.mark.parametrize(
    "text", ["0", "-1", "100", "1e3", "two", "", "2.5", "٣", "9" * 99]
)
def test_a_quantity_that_is_none_is_refused_and_never_cut(text):
    with pytest.raises(BadChoice) as refused:
        parse_quantity(text)
    assert refused.value.field == "quantity"


def test_quantities_are_read():
    assert parse_quantity(" 7 ") == 7
    assert parse_quantity("0", least=0) == 0
