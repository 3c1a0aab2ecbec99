"""Words, how alike two of them are, and which of a product's words can be searched."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache

from shop import allergens
from shop.models import Product

# How much a word counts by where it stands; in the first it may be misspelt freely.
NAMED, IN_CATEGORY, IN_SUMMARY, MENTIONED = 1.0, 0.7, 0.6, 0.45
# How alike two words are: the same one, one that goes on, the same one misspelt. In
# running text a misspelt word counts only if it is very near.
SAME, PLURAL, BEGINNING, MISSPELT = 1.0, 0.99, 0.9, 0.9
VERY_NEAR = 0.72
LEAST_IN_COMMON = 0.7
SHORTEST_MISSPELT = 4
SHORTEST_BEGINNING = 3
# Letters that do not come apart into a plain one and an accent.
LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l"})
LETTERS = re.compile(r"[^\W_]+")


def words_of(text: str) -> list[str]:
    """Its words in small letters without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(LIGATURES))
    return LETTERS.findall("".join(c for c in plain if not unicodedata.combining(c)))


def grams_of(words: Iterable[str]) -> set[str]:
    """Three letters in a row of each word, its beginning and end marked by spaces."""
    padded = [f"  {word} " for word in words]
    return {word[at : at + 3] for word in padded for at in range(len(word) - 2)}


def joined_pairs(words: list[str]) -> list[str]:
    """Neighbours written as one: sour dough, sourdough."""
    return [first + second for first, second in zip(words, words[1:], strict=False)]


def searchable(product: Product) -> dict[str, float]:
    """Each word a product is found by, with how much it counts.

    Reads the labels of the product's `active_variants`.
    """
    labels = [variant.label for variant in product.active_variants]
    variants = " ".join(variant.name for variant in product.active_variants)
    listed = " ".join(label.get("ingredients", "") for label in labels)
    codes = {code for label in labels for code in label.get("allergens", [])}
    named = words_of(product.name)
    found: dict[str, float] = {}
    for words, weight in (
        (words_of(f"{listed} {' '.join(allergens.words(codes))}"), MENTIONED),
        (words_of(f"{product.summary} {variants}"), IN_SUMMARY),
        (words_of(product.category.name), IN_CATEGORY),
        (named + joined_pairs(named), NAMED),
    ):
        found |= dict.fromkeys(words, weight)
    return found


@lru_cache(maxsize=50_000)  # of plain words, nothing that could grow old
def similarity(typed: str, word: str) -> float:
    """SAME for the same word, below MISSPELT for a misspelt one, 0 for strangers."""
    if typed == word:
        return SAME
    if word in {f"{typed}s", f"{typed}es"} or typed in {f"{word}s", f"{word}es"}:
        return PLURAL
    if len(typed) >= SHORTEST_BEGINNING and word.startswith(typed):
        return BEGINNING + (PLURAL - BEGINNING) * len(typed) / len(word)
    if min(len(typed), len(word)) < SHORTEST_MISSPELT:
        return 0.0
    matcher = SequenceMatcher(None, typed, word, autojunk=False)
    if matcher.quick_ratio() < LEAST_IN_COMMON:
        return 0.0
    ratio = matcher.ratio()
    return MISSPELT * ratio if ratio >= LEAST_IN_COMMON else 0.0
