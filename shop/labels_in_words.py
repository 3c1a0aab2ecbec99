"""Labels as pages show them: allergens in words, ingredients in parts, a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from shop.allergens import EU_14, eu_groups, in_order, words
from shop.labels import label_parts
from shop.models import Product, Variant
from shop.nutrition import DECIMALS

NUTRITION_WORDS = {
    "fat_g": "Fat",
    "saturates_g": "of which saturates",
    "carbohydrate_g": "Carbohydrate",
    "sugars_g": "of which sugars",
    "protein_g": "Protein",
    "salt_g": "Salt",
}
DIETS = {"vegan": "vegan", "vegetarian": "vegetarian"}


class NutritionLine(NamedTuple):
    name: str
    amount: str
    is_part: bool


@dataclass(frozen=True)
class Label:
    """What is in one way of selling a product; `of` names it if there are several."""

    of: str
    contains: list[str]
    may_contain: list[str]
    codes: list[str]
    trace_codes: list[str]
    ingredients: list[tuple[str, bool]]
    nutrition: list[NutritionLine]
    diet: str


@dataclass(frozen=True)
class MatrixRow:
    """A product's line in the table of allergens: "yes", "may" or "" for each group."""

    product: Product
    cells: list[str]
    words: str


def labels_of(product: Product) -> list[Label]:
    """The labels of a product's variants; equal ones are told once.

    Sizes of one thing differ by a rounding in the nutrition of 100 g; then the first
    stands for all. The variants are prefetched: no query.
    """
    alike: dict[str, list[Variant]] = {}
    for variant in product.variants.all():
        alike.setdefault(_what_is_in(variant), []).append(variant)
    return [
        _label(
            variants[0].label,
            ", ".join(each.name for each in variants) if len(alike) > 1 else "",
        )
        for variants in alike.values()
    ]


def matrix_row(product: Product) -> MatrixRow:
    """All variants of the product together. No query: the variants are prefetched."""
    labels = [variant.label for variant in product.variants.all()]
    contains = {code for label in labels for code in label.get("allergens", [])}
    traces = {code for label in labels for code in label.get("may_contain", [])}
    has, may = set(eu_groups(contains)), set(eu_groups(traces))
    return MatrixRow(
        product,
        ["yes" if g in has else "may" if g in may else "" for g in EU_14],
        _sentence(words(contains), words(traces - contains)),
    )


def _what_is_in(variant: Variant) -> str:
    return repr({k: v for k, v in variant.label.items() if k != "nutrition"})


def _label(label: Mapping[str, Any], of: str) -> Label:
    return Label(
        of=of,
        contains=words(label.get("allergens", [])),
        may_contain=words(label.get("may_contain", [])),
        codes=in_order(label.get("allergens", [])),
        trace_codes=in_order(label.get("may_contain", [])),
        ingredients=label_parts(label.get("ingredients", "")),
        nutrition=_nutrition(label.get("nutrition", {})),
        diet=DIETS.get(label.get("diet", ""), ""),
    )


def _nutrition(amounts: Mapping[str, float]) -> list[NutritionLine]:
    if not amounts:
        return []
    energy = f"{amounts['energy_kj']:.0f} kJ / {amounts['energy_kcal']:.0f} kcal"
    return [NutritionLine("Energy", energy, is_part=False)] + [
        NutritionLine(
            name, f"{amounts[key]:.{DECIMALS[key]}f} g", name.startswith("of which")
        )
        for key, name in NUTRITION_WORDS.items()
    ]


def _sentence(contains: list[str], traces: list[str]) -> str:
    parts = []
    if contains:
        parts.append(f"Contains {', '.join(contains)}.")
    if traces:
        parts.append(f"May contain {', '.join(traces)}.")
    return " ".join(parts) or "None of the fourteen."
