"""Labels follow from the recipe: ingredients, allergens, nutrition, diet."""

import pytest

from shop.labels import allergens_in_capitals, label_parts, refresh_labels
from shop.recipes import RecipeCycle
from tests.shop.make import make_ingredient, make_product, make_recipe, make_variant

pytestmark = pytest.mark.django_db


def flour(**facts):
    facts = {"name": "Strong flour", "label_name": "wheat flour"} | facts
    return make_ingredient(allergens=["gluten.wheat"], energy_kcal=350, **facts)


def water():
    return make_ingredient(name="Water", label_name="water")


def label(variant):
    refresh_labels([variant])
    variant.refresh_from_db()
    return variant.label


def loaf(parts, *, dough_g=100, net_weight_g=100, **product):
    return make_variant(
        product=make_product(variant=False, **product),
        recipe=make_recipe(parts=parts),
        dough_g=dough_g,
        net_weight_g=net_weight_g,
    )


def test_ingredients_come_by_weight_over_all_parts_of_the_recipe():
    milk = make_ingredient(name="Milk", label_name="whole milk", allergens=["milk"])
    salt = make_ingredient(name="Salt")
    tangzhong = make_recipe(parts={flour(): 50, milk: 250})
    other = flour(name="Plain flour")
    variant = loaf({milk: 400, tangzhong: 300, other: 250, salt: 50}, dough_g=1000)
    assert label(variant)["ingredients"] == "whole MILK, WHEAT flour, salt"


def test_water_counts_as_far_as_it_is_still_there_when_baked():
    variant = loaf({flour(): 50, water(): 50}, dough_g=100, net_weight_g=80)
    assert label(variant)["ingredients"] == "WHEAT flour, water"


def test_little_water_is_left_out_as_the_law_allows():
    variant = loaf({flour(): 50, water(): 50}, dough_g=100, net_weight_g=52)
    assert label(variant)["ingredients"] == "WHEAT flour"


@pytest.mark.parametrize(
    ("text", "codes", "expected"),
    [
        ("butter (milk)", ["milk"], "butter (MILK)"),
        ("buttermilk", ["milk"], "buttermilk (MILK)"),
        ("free-range eggs", ["eggs"], "free-range EGGS"),
        ("ground almonds", ["nuts.almond"], "ground ALMONDS"),
        ("flour", ["gluten.spelt"], "flour (SPELT)"),
        ("chocolate (soya lecithin)", ["soy"], "chocolate (SOYA lecithin)"),
        ("praline", ["nuts.hazelnut", "milk"], "praline (HAZELNUT) (MILK)"),
        ("with sulphur dioxide", ["sulphites"], "with SULPHUR DIOXIDE"),
        ("strange", ["kiwi"], "strange (KIWI)"),
    ],
)  # fmt: skip
def test_every_allergen_stands_in_capitals(text, codes, expected):
    assert allergens_in_capitals(text, codes) == expected


def test_a_page_can_tell_the_allergens_in_the_text_apart():
    parts = label_parts("WHEAT flour, butter (MILK)")
    assert parts == [
        ("WHEAT", True),
        (" flour, butter (", False),
        ("MILK", True),
        (")", False),
    ]
    assert label_parts("") == []


def test_allergens_are_those_of_the_whole_tree_and_of_the_product():
    egg_wash = make_recipe(
        parts={make_ingredient(allergens=["eggs"], may_contain=["milk", "mustard"]): 10}
    )
    milk = make_ingredient(allergens=["milk"])
    variant = loaf({flour(): 100, milk: 10, egg_wash: 1}, extra_allergens=["sesame"])
    facts = label(variant)
    assert facts["allergens"] == ["gluten.wheat", "eggs", "milk", "sesame"]
    assert facts["may_contain"] == ["mustard"]


def test_nutrition_is_of_100_g_as_sold_with_the_lost_weight_taken_as_water():
    sugar = make_ingredient(energy_kcal=400, carbohydrate_g=100, sugars_g=100)
    salt = make_ingredient(salt_g=99)
    variant = loaf(
        {flour(): 70, sugar: 10, water(): 19, salt: 1}, dough_g=500, net_weight_g=400
    )
    assert label(variant)["nutrition"] == {
        "energy_kj": 1491.0,
        "energy_kcal": 356.0,
        "fat_g": 0.0,
        "saturates_g": 0.0,
        "carbohydrate_g": 12.5,
        "sugars_g": 12.5,
        "protein_g": 0.0,
        "salt_g": 1.24,
    }


@pytest.mark.parametrize(
    ("diets", "extra", "expected"),
    [
        (["vegan"], [], "vegan"),
        (["vegan", "vegetarian"], [], "vegetarian"),
        (["vegan", "neither", "vegetarian"], [], "neither"),
        (["vegan"], ["milk"], "vegetarian"),
        (["vegan"], ["fish"], "neither"),
        (["vegan"], ["sesame"], "vegan"),
    ],
)
def test_the_diet_is_the_strictest_that_holds(diets, extra, expected):
    parts = {make_ingredient(diet=diet): 10 for diet in diets}
    assert label(loaf(parts, extra_allergens=extra))["diet"] == expected


def test_nothing_is_claimed_of_what_has_no_recipe():
    box = make_variant(
        product=make_product(variant=False, extra_allergens=["nuts.walnut"])
    )
    assert label(box) == {
        "ingredients": "",
        "allergens": ["nuts.walnut"],
        "may_contain": [],
        "nutrition": {},
        "diet": "neither",
    }


def test_a_recipe_without_lines_makes_an_empty_label():
    assert label(loaf({}))["ingredients"] == ""


def test_labels_are_written_once_and_only_what_changed():
    first, _ = loaf({flour(): 10}), loaf({water(): 10})
    assert refresh_labels() == 2
    assert refresh_labels() == 0
    line = first.recipe.lines.get()
    line.ingredient.label_name = "spelt"
    line.ingredient.save()
    assert refresh_labels() == 1


@pytest.mark.parametrize("count", [1, 7])
def test_queries_do_not_grow_with_the_variants(count, django_assert_num_queries):
    recipe = make_recipe(parts={flour(): 10, water(): 5})
    for _ in range(count):
        make_variant(recipe=recipe, dough_g=10)
    # Variants, recipes, lines, and the update.
    with django_assert_num_queries(4):
        assert refresh_labels() == count


def test_a_recipe_made_of_itself_changes_no_label():
    variant = loaf({flour(): 10})
    refresh_labels()
    before = variant.__class__.objects.get(pk=variant.pk).label
    round_about = make_recipe(parts={variant.recipe: 5})
    variant.recipe.lines.create(part=round_about, grams=5)
    with pytest.raises(RecipeCycle):
        refresh_labels()
    variant.refresh_from_db()
    assert variant.label == before
