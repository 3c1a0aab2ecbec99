"""Recipes of any depth, rolled up exactly and to the gram."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.models import Ingredient, Recipe, RecipeLine, Variant
from shop.recipes import RecipeBook, RecipeCycle, load_recipes
from tests.shop.make import make_ingredient, make_recipe, make_variant

FLOUR, WATER, SALT, MILK = range(1, 5)
NAMES = {FLOUR: "Flour", WATER: "Water", SALT: "Salt", MILK: "Milk"}


def book(**recipes) -> RecipeBook:
    """A book without a database: a name, then {ingredient number or name: grams}.

    Keys `loss`, `before` and `mixer` are the recipe's own facts.
    """
    keys = {name: 100 + at for at, name in enumerate(recipes)}
    rows, lines = [], []
    for name, said in recipes.items():
        lines_said = dict(said)
        rows.append(
            Recipe(
                pk=keys[name],
                name=name,
                loss_permille=lines_said.pop("loss", 0),
                days_before=lines_said.pop("before", 0),
                mixer_max_g=lines_said.pop("mixer", None),
            )
        )
        for what, grams in lines_said.items():
            line = RecipeLine(recipe_id=keys[name], grams=grams)
            if what in keys:
                line.part_id = keys[what]
            else:
                line.ingredient = Ingredient(pk=what, name=NAMES[what])
                line.is_flour = what == FLOUR
            lines.append(line)
    made = RecipeBook(rows, lines)
    made.keys = keys
    return made


def pieces_of(made: RecipeBook, **grams) -> dict[Variant, int]:
    return {
        Variant(pk=at, recipe_id=made.keys[name], dough_g=weight): 1
        for at, (name, weight) in enumerate(grams.items(), 1)
    }


def test_a_dough_is_split_in_proportion_exactly():
    made = book(dough={FLOUR: 1000, WATER: 600, SALT: 20})
    exact = made.explode(made.keys["dough"], 1000).ingredients
    assert exact[FLOUR] == Fraction(1000_000, 1620)
    assert sum(exact.values()) == 1000


def test_what_is_lost_in_making_must_go_in_beforehand():
    made = book(jam={FLOUR: 1, WATER: 1, "loss": 200})
    exploded = made.explode(made.keys["jam"], 800)
    assert exploded.ingredients == {FLOUR: 500, WATER: 500}
    assert exploded.doughs == {made.keys["jam"]: 800}


def test_days_before_add_up_on_the_way_down():
    made = book(
        bread={"dough": 100},
        dough={"sour": 50, FLOUR: 50, "before": 1},
        sour={FLOUR: 25, WATER: 25, "before": 2},
    )
    by_day = made.explode(made.keys["bread"], 100).by_day
    assert {day: set(part.doughs) for day, part in by_day.items()} == {
        0: {made.keys["bread"]},
        1: {made.keys["dough"]},
        3: {made.keys["sour"]},
    }
    assert by_day[3].ingredients == {FLOUR: 25, WATER: 25}
    assert by_day[1].ingredients == {FLOUR: 50}
    assert by_day[0].ingredients == {}


def test_a_recipe_used_on_two_ways_is_made_once_for_both():
    made = book(
        cake={"icing": 1, "sponge": 3},
        sponge={"icing": 1, FLOUR: 2},
        icing={MILK: 1},
    )
    plan = made.plan(pieces_of(made, cake=400))
    grams = {card.recipe.name: card.grams for card in plan.cards}
    assert grams == {"cake": 400, "sponge": 300, "icing": 200}
    assert plan.ingredients == {MILK: 200, FLOUR: 200}


def test_a_recipe_made_of_itself_is_refused_and_the_way_is_named():
    made = book(
        dough={"starter": 1, FLOUR: 1},
        starter={"refreshed": 1},
        refreshed={"starter": 1, WATER: 1},
    )
    with pytest.raises(RecipeCycle, match="starter → refreshed → starter") as caught:
        made.explode(made.keys["dough"], 100)
    assert caught.value.path == ("starter", "refreshed", "starter")
    assert made.find_cycle() == ("starter", "refreshed", "starter")
    with pytest.raises(RecipeCycle):
        made.plan(pieces_of(made, dough=100))


def test_without_a_cycle_there_is_none_to_find():
    assert book(dough={FLOUR: 1}).find_cycle() is None


def test_a_recipe_without_lines_holds_nothing():
    made = book(idea={})
    assert made.explode(made.keys["idea"], 100).ingredients == {}
    [card] = made.plan(pieces_of(made, idea=100)).cards
    assert (card.grams, card.grams_in, card.lines) == (100, 0, ())


def test_the_mixer_is_filled_as_often_as_needed():
    made = book(dough={FLOUR: 600, WATER: 400, "mixer": 20_000})
    plan = made.plan(pieces_of(made, dough=40_001))
    assert [card.batches for card in plan.cards] == [3]


def test_cards_come_earliest_day_first_and_parts_before_what_uses_them():
    made = book(
        bread={"dough": 1, "glaze": 1},
        dough={"poolish": 1, FLOUR: 1},
        glaze={MILK: 1},
        poolish={FLOUR: 1, WATER: 1, "before": 1},
    )
    plan = made.plan(pieces_of(made, bread=400))
    names = [card.recipe.name for card in plan.cards]
    assert names[0] == "poolish"
    assert names[-1] == "bread"
    assert [card.recipe.name for card in plan.on(1)] == ["poolish"]


def test_what_is_made_before_is_as_in_the_whole_plan():
    made = book(
        bread={"dough": 100, FLOUR: 7},
        roll={"dough": 50, "glaze": 3},
        pie={"glaze": 2, MILK: 5},
        dough={"sour": 50, FLOUR: 50, "before": 1, "loss": 70},
        glaze={MILK: 1},
        sour={FLOUR: 25, WATER: 25, "before": 2},
    )
    wanted = pieces_of(made, bread=401, roll=77, pie=113)
    assert made.longest_way() == 3
    for days in range(1, 5):
        assert made.made_before(wanted, days) == made.plan(wanted).on(days)
    assert [card.recipe.name for card in made.made_before(wanted, 3)] == ["sour"]


def test_the_longest_way_of_a_circle_and_of_nothing():
    assert book().longest_way() == 0
    with pytest.raises(RecipeCycle):
        book(dough={"dough": 1, "before": 1}).longest_way()


def test_who_prepares_for_later_cards_nothing_else():
    """The cards of the day itself are not worked out."""
    made = book(bread={FLOUR: 1}, dough={FLOUR: 1, "before": 1}, cake={"dough": 1})
    worked_out = []
    card = made._card
    made._card = lambda *facts: worked_out.append(facts[0]) or card(*facts)
    made.made_before(pieces_of(made, bread=10, cake=10), 1)
    assert worked_out == [made.keys["cake"], made.keys["dough"]]


def test_percentages_are_of_the_flour_on_the_card():
    made = book(dough={FLOUR: 500, WATER: 350, SALT: 10})
    [card] = made.plan(pieces_of(made, dough=860)).cards
    assert [line.percent for line in card.lines] == [100, 70, 2]
    cream = book(cream={MILK: 1})
    [card] = cream.plan(pieces_of(cream, cream=100)).cards
    assert [line.percent for line in card.lines] == [None]


def test_bakers_percentages_count_the_flour_inside_pre_doughs():
    made = book(
        dough={"poolish": 600, FLOUR: 700, WATER: 400},
        poolish={FLOUR: 300, WATER: 300},
    )
    percent = made.bakers_percentages(made.keys["dough"])
    assert percent == {FLOUR: 100, WATER: 70}


def test_there_are_no_bakers_percentages_without_flour():
    made = book(cream={MILK: 100})
    assert made.bakers_percentages(made.keys["cream"]) == {}


def test_boxes_without_a_recipe_need_no_dough():
    assert book(dough={FLOUR: 1}).plan({Variant(pk=1, dough_g=0): 6}).cards == ()


@pytest.mark.django_db
def test_the_book_is_read_in_two_queries(django_assert_num_queries):
    flour, water = make_ingredient(name="Flour"), make_ingredient(name="Water")
    sour = make_recipe(name="Sour", parts={flour: 100, water: 100})
    dough = make_recipe(name="Dough", parts={sour: 200, flour: 300})
    variant = make_variant(recipe=dough, dough_g=500)
    with django_assert_num_queries(2):
        made = load_recipes()
        plan = made.plan({variant: 10})
        names = [line.name for card in plan.cards for line in card.lines]
    assert plan.ingredients == {flour.pk: 4000, water.pk: 1000}
    assert names == ["Flour", "Water", "Sour", "Flour"]
    assert plan.named[flour.pk] == flour


# --- whatever the recipes are ------------------------------------------------------


@st.composite
def books(draw):
    """Recipes that use ingredients and later recipes, so that none goes round."""
    count = draw(st.integers(1, 5))
    names = [f"r{at}" for at in range(count)]
    recipes = {}
    for at, name in enumerate(names):
        able = [*NAMES, *names[at + 1 :]]
        lines = draw(
            st.dictionaries(
                st.sampled_from(able), st.integers(1, 2000), min_size=1, max_size=5
            )
        )
        lines["loss"] = draw(st.sampled_from([0, 0, 20, 340]))
        lines["before"] = draw(st.integers(0, 2))
        recipes[name] = lines
    return book(**recipes)


def weight_in(made: RecipeBook, recipe_id: int, grams: Fraction) -> Fraction:
    """What goes in altogether, worked out the slow way: leaves under a recipe."""
    recipe, lines = made.recipes[recipe_id], made.lines[recipe_id]
    needed = grams / (1 - Fraction(recipe.loss_permille, 1000))
    total = sum(line.grams for line in lines)
    return sum(
        weight_in(made, line.part_id, share) if line.part_id else share
        for line in lines
        for share in [needed * line.grams / total]
    )


@given(books(), st.integers(1, 100_000))
def test_no_gram_appears_or_disappears(made, grams):
    exploded = made.explode(made.keys["r0"], grams)
    expected = weight_in(made, made.keys["r0"], Fraction(grams))
    assert sum(exploded.ingredients.values()) == expected
    for facts in ("ingredients", "doughs"):
        by_day: dict[int, Fraction] = {}
        for part in exploded.by_day.values():
            for key, amount in getattr(part, facts).items():
                by_day[key] = by_day.get(key, 0) + amount
        assert by_day == getattr(exploded, facts)


@given(books(), st.integers(1, 5000), st.integers(1, 5000))
def test_twice_as_much_needs_twice_as_much(made, first, second):
    key = made.keys["r0"]
    together = made.explode(key, first + second)
    apart = made.explode(key, first)
    apart.add(made.explode(key, second))
    assert together == apart


@given(books(), st.integers(1, 60), st.integers(1, 900))
def test_what_is_weighed_adds_up_everywhere(made, count, grams):
    variant = Variant(pk=1, recipe_id=made.keys["r0"], dough_g=grams)
    plan = made.plan({variant: count})
    asked: dict[tuple[int, int], int] = {
        (variant.recipe_id, made.recipes[variant.recipe_id].days_before): count * grams
    }
    weighed: dict[int, dict[int, int]] = {}
    for card in plan.cards:
        assert sum(line.grams for line in card.lines) == card.grams_in
        for line in card.lines:
            if line.part_id:
                day = card.days_before + made.recipes[line.part_id].days_before
                key = (line.part_id, day)
                asked[key] = asked.get(key, 0) + line.grams
            else:
                of_day = weighed.setdefault(card.days_before, {})
                of_day[line.ingredient_id] = (
                    of_day.get(line.ingredient_id, 0) + line.grams
                )
    made_of = {(card.recipe.pk, card.days_before): card.grams for card in plan.cards}
    assert made_of == asked
    assert plan.by_day == weighed
    for key, total in plan.ingredients.items():
        assert total == sum(of_day.get(key, 0) for of_day in weighed.values())


@given(books(), st.integers(1, 60), st.integers(1, 900))
def test_weighing_to_the_gram_stays_within_a_gram_a_line(made, count, grams):
    variant = Variant(pk=1, recipe_id=made.keys["r0"], dough_g=grams)
    plan = made.plan({variant: count})
    exact = made.explode(variant.recipe_id, count * grams).ingredients
    lines = sum(len(card.lines) + 1 for card in plan.cards)
    # A gram too much in a part is 1/(1 - loss) grams of its ingredients.
    slack = lines * Fraction(1000, 660) ** 5
    for key, amount in exact.items():
        assert abs(plan.ingredients.get(key, 0) - amount) <= slack
