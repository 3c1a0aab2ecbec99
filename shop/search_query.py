"""What somebody who types into the search box wants, and what they do not want."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

from shop.allergens import LABEL_WORDS, SOURCES
from shop.models import Ingredient, Product
from shop.search_words import PLURAL, joined_pairs, similarity, words_of

LONGEST = 100
MOST_WORDS = 8
STOP_WORDS = {
    *("a", "an", "and", "any", "are", "but", "for", "from", "have", "i", "in", "is"),
    *("it", "me", "my", "of", "on", "or", "please", "some", "that", "the", "there"),
    *("to", "want", "we", "with", "you", "your"),
}
NOT = {"without", "no", "non", "not", "sans"}
FREE = {"free", "less"}
DIETS = {
    "vegan": Ingredient.Diet.VEGAN,
    "vegans": Ingredient.Diet.VEGAN,
    "vegetarian": Ingredient.Diet.VEGETARIAN,
    "veggie": Ingredient.Diet.VEGETARIAN,
}
# Only long words are taken for one of these misspelt: "with" is not "without".
MISSPELT = ["without", "vegan", "vegetarian"]


def _codes(*beginnings: str) -> frozenset[str]:
    return frozenset(code for code in SOURCES if code.startswith(beginnings))


# Who avoids nuts is not helped by peanuts; who avoids wheat, not by its old kinds.
TERMS: dict[str, frozenset[str]] = {
    word: frozenset({code})
    for code, words in LABEL_WORDS.items()
    for word in words
    if " " not in word
} | {
    "nut": _codes("nuts.", "peanuts"),
    "nuts": _codes("nuts.", "peanuts"),
    "gluten": _codes("gluten."),
    "wheat": _codes("gluten.wheat", "gluten.spelt", "gluten.kamut"),
    "dairy": _codes("milk"),
    "lactose": _codes("milk"),
    "butter": _codes("milk"),
    "sulfites": _codes("sulphites"),
    "eggless": _codes("eggs"),
    "nutless": _codes("nuts.", "peanuts"),
}
WHOLE_FILTERS = {"eggless", "nutless"}


@dataclass
class Query:
    """Words to look for, sources of allergens and words to avoid, a diet to keep."""

    words: list[str] = field(default_factory=list)
    without: set[str] = field(default_factory=set)
    unwanted: list[str] = field(default_factory=list)
    diet: str = ""

    @property
    def is_filter(self) -> bool:
        return bool(self.without or self.unwanted or self.diet)

    @property
    def all_words(self) -> list[str]:
        return self.words + joined_pairs(self.words)

    def allows(self, product: Product) -> bool:
        """Does every variant keep to the filter? One without a label does not."""
        if not self.is_filter:
            return True
        labels = [variant.label for variant in product.active_variants]
        return bool(labels) and all(map(self._allows_label, labels))

    def may_be_in(self, product: Product) -> bool:
        """May what is not wanted be in it as a trace?"""
        traces: set[str] = set()
        for variant in product.active_variants:
            traces.update(variant.label.get("may_contain", []))
        return bool(traces & self.without)

    def _allows_label(self, label: dict) -> bool:
        listed = label.get("ingredients")
        if not listed or self.without & set(label["allergens"]):
            return False
        if self.diet and not _keeps_to(self.diet, label["diet"]):
            return False
        return not any(
            similarity(unwanted, word) >= PLURAL
            for word in words_of(listed)
            for unwanted in self.unwanted
        )


def read_query(text: str) -> Query:
    """Take the query apart. Anything is a query; at most MOST_WORDS words count."""
    query = Query()
    avoiding = False
    tokens = [_mended(word) for word in words_of(text[:LONGEST])][: 2 * MOST_WORDS]
    for at, word in enumerate(tokens):
        after = tokens[at + 1] if at + 1 < len(tokens) else ""
        if word in NOT or (word in FREE and after in {"of", "from"}):
            avoiding = True
        elif word in DIETS and not avoiding:
            query.diet = _stricter(query.diet, DIETS[word])
        elif word in TERMS and (avoiding or after in FREE or word in WHOLE_FILTERS):
            query.without |= TERMS[word]
        elif word in STOP_WORDS or (word in FREE and at and tokens[at - 1] in TERMS):
            continue
        elif avoiding:
            # What follows the word that is not wanted is wanted again.
            if not query.without or tokens[at - 1] in NOT:
                query.unwanted.append(word)
            else:
                query.words.append(word)
            avoiding = False
        else:
            query.words.append(word)
    query.words = query.words[:MOST_WORDS]
    return query


def _mended(word: str) -> str:
    if len(word) < len("vegan") or word in TERMS:
        return word
    return next(iter(get_close_matches(word, MISSPELT, n=1, cutoff=0.8)), word)


def _keeps_to(diet: str, actual: str) -> bool:
    return _strictness(actual) >= _strictness(diet)


def _stricter(first: str, second: str) -> str:
    return max(filter(None, (first, second)), key=_strictness)


def _strictness(diet: str) -> int:
    order: Iterable[str] = (
        Ingredient.Diet.NEITHER,
        Ingredient.Diet.VEGETARIAN,
        Ingredient.Diet.VEGAN,
    )
    return list(order).index(Ingredient.Diet(diet))
