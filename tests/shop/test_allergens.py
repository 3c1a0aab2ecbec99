"""Specific sources are kept; the regions' groups and the words are derived."""

from shop.allergens import (
    EU_14,
    SOURCES,
    US_9,
    eu_groups,
    in_order,
    unknown,
    us_groups,
    words,
)


def test_there_are_fourteen_groups_in_the_eu_and_nine_in_the_us():
    assert (len(EU_14), len(US_9)) == (14, 9)


def test_every_source_belongs_to_exactly_one_eu_group():
    homes = [code for members in EU_14.values() for code in members]
    assert sorted(homes) == sorted(SOURCES)


def test_rye_barley_and_oats_are_allergens_in_the_eu_and_not_in_the_us():
    codes = ["gluten.rye", "gluten.barley", "gluten.oats"]
    assert eu_groups(codes) == ["cereals containing gluten"]
    assert us_groups(codes) == []


def test_spelt_and_kamut_are_wheat_in_the_us():
    assert us_groups(["gluten.spelt"]) == ["wheat"]
    assert us_groups(["gluten.kamut", "gluten.wheat"]) == ["wheat"]


def test_celery_mustard_sulphites_lupin_and_molluscs_are_only_eu_groups():
    codes = ["celery", "mustard", "sulphites", "lupin", "molluscs"]
    assert len(eu_groups(codes)) == 5
    assert us_groups(codes) == []


def test_words_name_the_source_and_put_a_family_together():
    codes = ["nuts.almond", "milk", "gluten.rye", "soy", "gluten.wheat"]
    expected = ["gluten (wheat, rye)", "soya", "milk", "nuts (almond)"]
    assert words(codes) == expected
    assert words([]) == []


def test_the_order_is_that_of_the_list_and_each_code_comes_once():
    assert in_order(["milk", "eggs", "milk"]) == ["eggs", "milk"]


def test_a_source_nobody_knows_is_told_all_the_same():
    assert in_order(["kiwi", "milk"]) == ["milk", "kiwi"]
    assert words(["nuts.pine", "milk"]) == ["milk", "nuts (pine)"]
    assert unknown(["kiwi", "milk"]) == ["kiwi"]
