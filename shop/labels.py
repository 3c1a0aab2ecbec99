"""The label of each variant, worked out from its recipe.

The list of ingredients is plain text. In it, every allergen stands in capital
letters: `WHEAT flour, whole MILK, butter (MILK)`. A page that would rather print them
bold asks `label_parts`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from shop.allergens import LABEL_WORDS, SOURCES, in_order
from shop.models import Ingredient, Variant
from shop.nutrition import nutrition_per_100_g
from shop.recipes import RecipeBook, load_recipes

VEGAN, VEGETARIAN, NEITHER = Ingredient.Diet.values
WATER = "water"
LITTLE_WATER = Fraction(5, 100)
DIET_OF_SOURCE = {
    "milk": VEGETARIAN,
    "eggs": VEGETARIAN,
    "fish": NEITHER,
    "crustaceans": NEITHER,
    "molluscs": NEITHER,
}


def refresh_labels(variants: Iterable[Variant] | None = None) -> int:
    """Work the labels out anew and say how many changed; of all variants if not told.

    Repeatable. Three queries and an update however many variants there are. A variant
    without a recipe keeps only the allergens that its product names. Raises
    RecipeCycle, and then changes nothing.
    """
    rows = Variant.objects.select_related("product")
    if variants is not None:
        rows = rows.filter(pk__in=[variant.pk for variant in variants])
    book = load_recipes()
    changed = []
    for variant in rows:
        label = label_of(variant, book)
        if label != variant.label:
            variant.label = label
            changed.append(variant)
    Variant.objects.bulk_update(changed, ["label"], batch_size=200)
    return len(changed)


def label_of(variant: Variant, book: RecipeBook) -> dict[str, Any]:
    """The label as it is kept on the variant. Asks the database only for the product.

    Ingredients that appear in several parts of the recipe, or under the same words,
    are one entry. Water counts as far as it is still there when baked, and is left out
    when that is no more than a twentieth, as the law has it.
    """
    grams = _ingredients(variant, book)
    named = book.ingredients
    extra = variant.product.extra_allergens
    contains = set(extra).union(*(named[key].allergens for key in grams))
    traces = set().union(*(named[key].may_contain for key in grams)) - contains
    finished_g = variant.net_weight_g or variant.dough_g
    known = bool(grams and finished_g)
    return {
        "ingredients": _in_words(grams, named, finished_g) if known else "",
        "allergens": in_order(contains),
        "may_contain": in_order(traces),
        "nutrition": nutrition_per_100_g(grams, named, finished_g) if known else {},
        "diet": _diet([named[key].diet for key in grams], contains),
    }


def _any_of(words: Iterable[str]) -> str:
    """A pattern for any of these words on its own; longer ones are tried first."""
    longest_first = sorted(set(words), key=len, reverse=True)
    return rf"\b({'|'.join(map(re.escape, longest_first))})\b"


IN_CAPITALS = re.compile(
    _any_of(word.upper() for words in LABEL_WORDS.values() for word in words)
)


def label_parts(ingredients: str) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it names an allergen (in capitals)."""
    pieces = IN_CAPITALS.split(ingredients)
    return [(piece, bool(at % 2)) for at, piece in enumerate(pieces) if piece]


def allergens_in_capitals(text: str, codes: Iterable[str]) -> str:
    """The text with each source in capitals; one it does not name is added to it."""
    for code in codes:
        known = LABEL_WORDS.get(code, (code,))
        text, found = re.subn(
            _any_of(known), lambda match: match[0].upper(), text, flags=re.IGNORECASE
        )
        if not found:
            text = f"{text} ({SOURCES.get(code, code).upper()})"
    return text


def _ingredients(variant: Variant, book: RecipeBook) -> dict[int, Fraction]:
    if not variant.recipe_id:
        return {}
    return book.explode(variant.recipe_id, variant.dough_g).ingredients


def _in_words(
    grams: Mapping[int, Fraction], named: Mapping[int, Ingredient], finished_g: int
) -> str:
    weights: dict[str, Fraction] = defaultdict(Fraction)
    for key, amount in grams.items():
        ingredient = named[key]
        words = ingredient.label_name or ingredient.name.lower()
        weights[allergens_in_capitals(words, ingredient.allergens)] += amount
    _let_water_go(weights, finished_g)
    return ", ".join(sorted(weights, key=lambda words: (-weights[words], words)))


def _let_water_go(weights: dict[str, Fraction], finished_g: int) -> None:
    if WATER in weights:
        weights[WATER] -= max(sum(weights.values()) - finished_g, Fraction(0))
        if weights[WATER] <= finished_g * LITTLE_WATER:
            del weights[WATER]


def _diet(diets: list[str], contains: Iterable[str]) -> str:
    """The strictest that holds. Of what is not known nothing is claimed."""
    if not diets:
        return NEITHER
    of_sources = [DIET_OF_SOURCE.get(code, VEGAN) for code in contains]
    return max(diets + of_sources, key=Ingredient.Diet.values.index)
