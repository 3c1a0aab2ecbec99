"""Reading the catalogue, and how its facts are put into words."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest

from shop import linked_data
from shop.catalogue import (
    categories_of,
    page_picture,
    picture_of,
    product_for_page,
    products_for_list,
    products_of_each_shelf,
    products_of_shelf,
)
from shop.labels_in_words import labels_of, matrix_row
from shop.models import OptionGroup, Picture, Product
from shop.shell import Shell
from shop.templatetags.days import clock, day_long, day_words
from shop.templatetags.money import money
from shop.templatetags.pictures import tint
from tests.shop import make

pytestmark = pytest.mark.django_db

SUN = dt.date(2026, 11, 22)
MON, TUE, WED, THU = (SUN + dt.timedelta(days=n) for n in range(1, 5))
NOON = make.at(SUN, dt.time(12))
LATE = make.at(SUN, dt.time(19))


def make_picture(product=None, colour="#d8ccb5", **facts):
    facts = {"alt": "Bread", "digest": "0" * 32, "width": 1200, "height": 900} | facts
    return Picture.objects.create(product=product, colour=colour, **facts)


# --- reading -----------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 24])
def test_a_list_takes_one_query_for_any_number(number, django_assert_num_queries):
    for _ in range(number):
        make_picture(make.make_product())
    with django_assert_num_queries(1):
        products = products_for_list()
        facts = [
            (each.category.name, each.asks_first, picture_of(each).digest)
            for each in products
            for variant in each.variants.all()
            if variant.price_cents
        ]
    assert len(facts) == number


def test_a_list_leaves_out_what_cannot_be_bought():
    shown = make.make_product()
    make.make_product(is_listed=False)
    make.make_product(variant=False)
    retired = make.make_product(variant=False)
    make.make_variant(product=retired, is_active=False)
    assert products_for_list() == [shown]


def test_a_list_knows_who_asks_first():
    plain, sliced, boxed = (make.make_product(name=name) for name in "abc")
    for product, least in ((sliced, 0), (boxed, 1)):
        group = OptionGroup.objects.create(
            name="Group", slug=f"group-{least}", min_choices=least
        )
        group.products.add(product)
    found = {each.pk: each.asks_first for each in products_for_list()}
    assert found == {plain.pk: False, sliced.pk: False, boxed.pk: True}


def test_a_product_comes_with_the_others_of_its_category():
    bread, loaf = make.make_product(name="A"), make.make_product(name="B")
    rolls = make.make_category(position=2)
    roll = make.make_product(name="C", category=rolls)
    assert product_for_page(loaf.slug, 4) == (loaf, [bread])
    assert product_for_page(roll.slug, 4) == (roll, [])
    assert product_for_page("nothing", 4) is None
    assert categories_of(products_for_list()) == [bread.category, rolls]


def test_an_unlisted_product_has_no_page():
    hidden = make.make_product(is_listed=False)
    assert product_for_page(hidden.slug, 4) is None


def test_a_page_finds_its_picture():
    hero = make_picture(slot_name="hero")
    assert page_picture("hero") == hero
    assert page_picture("footer") is None


# --- labels ------------------------------------------------------------------------

LABEL = {
    "ingredients": "WHEAT flour, water",
    "allergens": ["gluten.wheat"],
    "may_contain": ["nuts.almond"],
    "nutrition": {
        "energy_kj": 1000.0,
        "energy_kcal": 239.0,
        "fat_g": 1.0,
        "saturates_g": 0.2,
        "carbohydrate_g": 48.0,
        "sugars_g": 2.0,
        "protein_g": 8.0,
        "salt_g": 1.1,
    },
    "diet": "vegan",
}


def test_sizes_with_the_same_in_them_share_one_label():
    product = make.make_product(variant=False)
    other = LABEL | {"nutrition": LABEL["nutrition"] | {"fat_g": 1.1}}
    make.make_variant(product=product, name="Small", label=LABEL)
    make.make_variant(product=product, name="Large", label=other)
    [label] = labels_of(product)
    assert (label.of, label.contains) == ("", ["gluten (wheat)"])
    assert label.may_contain == ["nuts (almond)"]
    assert label.ingredients == [("WHEAT", True), (" flour, water", False)]
    assert [line.amount for line in label.nutrition] == [
        "1000 kJ / 239 kcal",
        *("1.0 g", "0.2 g", "48.0 g", "2.0 g", "8.0 g", "1.10 g"),
    ]


def test_kinds_with_something_else_in_them_are_told_apart():
    product = make.make_product(variant=False)
    make.make_variant(product=product, name="Plain", label=LABEL)
    make.make_variant(product=product, name="Milky", label={"allergens": ["milk"]})
    assert [(each.of, each.contains) for each in labels_of(product)] == [
        ("Plain", ["gluten (wheat)"]),
        ("Milky", ["milk"]),
    ]
    row = matrix_row(product)
    assert row.words == "Contains gluten (wheat), milk. May contain nuts (almond)."
    assert [cell for cell in row.cells if cell] == ["yes", "yes", "may"]


def test_a_product_without_a_label_claims_nothing():
    product = make.make_product()
    [label] = labels_of(product)
    assert (label.contains, label.diet, label.nutrition) == ([], "", [])


# --- the shell ---------------------------------------------------------------------


def test_the_shell_asks_nothing_until_it_is_shown(django_assert_num_queries):
    make.make_place(weekdays=[1, 2, 6])
    make.make_product()
    with django_assert_num_queries(0):
        shell = Shell()
    with django_assert_num_queries(4):
        assert len(shell.categories) == 1
        assert len(shell.counters) == 1
        assert len(shell.categories) == 1


def test_equal_weekdays_are_told_in_one_line():
    place = make.make_place(weekdays=[1, 2, 3, 4])
    make.make_opening_rule(place=place, weekday=6, opens=dt.time(8))
    [counter] = Shell().counters
    assert [tuple(line) for line in counter.week] == [
        ("Mon", "closed"),
        ("Tue–Fri", "7:00–18:00"),
        ("Sat", "closed"),
        ("Sun", "8:00–18:00"),
    ]


def test_days_unlike_others_come_with_their_reason():
    make.make_place(phone="+353 1 555 0142")
    tomorrow, later = make.day_from_today(1), make.day_from_today(3)
    make.make_exception(
        date=later, reason="Christmas Eve", opens="07:00", closes="12:00"
    )
    make.make_exception(date=tomorrow, reason="Stocktaking")
    make.make_exception(date=make.day_from_today(-1), reason="Past")
    [counter] = Shell().counters
    assert [tuple(day) for day in counter.exceptions] == [
        (tomorrow, "Stocktaking", "closed"),
        (later, "Christmas Eve", "7:00–12:00"),
    ]
    assert counter.phone_digits == "+35315550142"


# --- words -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cents", "currency", "words"),
    [
        (450, "", "€4.50"),
        (0, "", "€0.00"),
        (5, "GBP", "£0.05"),
        (-150, "", "−€1.50"),
        (123456, "USD", "$1234.56"),
        (4500, "KRW", "₩4500"),
        (450, "CHF", "CHF 4.50"),
        (None, "", ""),
    ],
)
def test_cents_become_prices(cents, currency, words):
    assert money(cents, currency) == words


def test_days_and_times_are_the_bakerys():
    assert day_words(TUE) == "Tue 24 Nov"
    assert day_long(TUE) == "Tuesday 24 November"
    assert clock(dt.time(7, 30)) == "7:30"
    summer_night = dt.datetime(2026, 6, 30, 23, 15, tzinfo=dt.UTC)
    assert (day_words(summer_night), clock(summer_night)) == ("Wed 1 Jul", "0:15")
    assert (day_words(None), day_long(None), clock(None)) == ("", "", "")


def test_a_pictures_main_colour_picks_the_nearest_backdrop():
    assert tint(make_picture(slot_name="a", colour="#cccab4")) == "tint-sage"
    assert tint(make_picture(slot_name="b", colour="#dac9b6")) == "tint-blush"
    assert tint(None) == tint(Picture(colour="")) == "tint-sand"


def test_linked_data_ends_no_element():
    script = linked_data.as_script({"name": "</script><b>&"})
    assert script.count("</script>") == 1
    inside = re.search(r">(.*)</script>", script)[1]
    assert json.loads(inside)["@graph"] == [{"name": "</script><b>&"}]


# --- very many ---------------------------------------------------------------------


def stocked(number, **facts):
    return [
        make.make_product(name=f"Loaf {n:02}", position=n, **facts)
        for n in range(number)
    ]


def test_a_part_of_a_list_is_exact_whatever_cannot_be_bought():
    made = stocked(6)
    made[1].variants.update(is_active=False)
    assert products_for_list(first=2) == [made[0], made[2]]
    assert products_for_list(first=2, after=2) == [made[3], made[4]]
    assert products_of_shelf(made[0].category.slug, first=9, after=4) == [made[5]]
    assert products_of_shelf("nothing", first=9) == []


def test_a_shelf_costs_the_same_however_full_it_is(django_assert_num_queries):
    made = stocked(7)
    with django_assert_num_queries(1):
        assert products_of_shelf(made[0].category.slug, first=3) == made[:3]


def test_of_each_shelf_the_front_is_taken_and_what_is_featured():
    breads = stocked(4)
    rolls = stocked(4, category=make.make_category(position=1))
    Product.objects.filter(pk=rolls[3].pk).update(is_featured=True)
    breads[0].variants.update(is_active=False)
    found = products_of_each_shelf(2, featured=1)
    assert found == [breads[1], breads[2], rolls[0], rolls[1], rolls[3]]


def test_a_product_has_so_many_others_beside_it():
    made = stocked(6)
    assert product_for_page(made[5].slug, 2) == (made[5], made[:2])
    assert product_for_page(made[0].slug, 2) == (made[0], made[1:3])
