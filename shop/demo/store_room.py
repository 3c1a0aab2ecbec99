"""Makes the demo bakery's ingredients and recipes."""

from __future__ import annotations

from collections import Counter

from shop.demo.bakery import RECIPES
from shop.demo.ingredients import INGREDIENTS
from shop.demo.kinds import DemoIngredient, DemoRecipe
from shop.models import Ingredient, Recipe, RecipeLine

FLOURS = {ingredient.name for ingredient in INGREDIENTS if ingredient.is_flour}


def make_recipes() -> Counter[str]:
    """Make the missing ingredients, and the missing recipes with their lines.

    A recipe that is there keeps the lines it has. Needs an open transaction; four
    queries when nothing is missing.
    """
    there = set(Ingredient.objects.values_list("name", flat=True))
    missing = [each for each in INGREDIENTS if each.name not in there]
    Ingredient.objects.bulk_create(_row(each) for each in missing)
    there = set(Recipe.objects.values_list("name", flat=True))
    new = [each for each in RECIPES if each.name not in there]
    Recipe.objects.bulk_create(_recipe_row(each) for each in new)
    ingredients = {row.name: row for row in Ingredient.objects.all()}
    recipes = {row.name: row for row in Recipe.objects.all()}
    RecipeLine.objects.bulk_create(
        RecipeLine(
            recipe=recipes[recipe.name],
            part=recipes.get(name),
            ingredient=None if name in recipes else ingredients[name],
            grams=grams,
            is_flour=name in FLOURS and recipe.kind in {"dough", "pre-dough"},
            position=position,
        )
        for recipe in new
        for position, (name, grams) in enumerate(recipe.lines.items())
    )
    return Counter(ingredients=len(missing), recipes=len(new))


def _row(demo: DemoIngredient) -> Ingredient:
    return Ingredient(
        name=demo.name,
        label_name=demo.label,
        allergens=list(demo.allergens),
        may_contain=list(demo.may_contain),
        diet=demo.diet,
        energy_kcal=demo.kcal,
        fat_g=demo.fat,
        saturates_g=demo.saturates,
        carbohydrate_g=demo.carbohydrate,
        sugars_g=demo.sugars,
        protein_g=demo.protein,
        salt_g=demo.salt,
    )


def _recipe_row(demo: DemoRecipe) -> Recipe:
    return Recipe(
        name=demo.name,
        kind=demo.kind,
        days_before=demo.days_before,
        loss_permille=demo.loss_permille,
        mixer_max_g=demo.mixer_max_g,
        method=demo.method,
    )
