"""What an order keeps of the catalogue: names, prices, tax, ingredients, allergens.

The bakery may change a recipe or a price tomorrow; what was promised does not.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from shop.models import OrderLine, Variant
from shop.pricing import split_tax
from shop.shopping import PricedBasket, PricedLine


def frozen_lines(basket: PricedBasket) -> list[OrderLine]:
    """The basket's lines as order lines, not saved and without an order. No query.

    Their tax adds up to the tax of the order: it is rounded once per rate.
    """
    rates = [
        (line.total_cents, line.product.tax_class.permille) for line in basket.lines
    ]
    return [
        _frozen(line, permille, tax_cents)
        for line, (_, permille), tax_cents in zip(
            basket.lines, rates, split_tax(rates), strict=True
        )
    ]


def told_of(line: PricedLine) -> dict[str, Any]:
    """What its order line will tell the shopper, by the names of its fields. No query.

    Before ordering the same is told, without making order lines for it.
    """
    return {
        "name": line.name,
        "options": _options(line),
        "quantity": line.quantity,
        "total_cents": line.total_cents,
        "allergens": allergens_in(line),
    }


def _frozen(line: PricedLine, permille: int, tax_cents: int) -> OrderLine:
    return OrderLine(
        variant_id=line.variant.pk,  # setting the row itself takes much longer
        unit_price_cents=line.unit_cents,
        tax_permille=permille,
        tax_cents=tax_cents,
        ingredients=_ingredients(line),
        **told_of(line),
    )


def _options(line: PricedLine) -> list[dict[str, Any]]:
    """Each choice in the shopper's words; a piece of a box with its sku and number."""
    facts = []
    for choice, count in Counter(line.choices).items():
        fact: dict[str, Any] = {"group": choice.group.name, "choice": choice.words}
        if choice.option and choice.option.variant:
            fact |= {"sku": choice.option.variant.sku, "pieces": count}
        facts.append(fact)
    return facts


def _ingredients(line: PricedLine) -> str:
    """The list of ingredients, for a box that of each kind of piece in it."""
    parts = [_label(line.variant, "ingredients", "")]
    for variant in dict.fromkeys(line.picks):
        parts.append(f"{variant}: {_label(variant, 'ingredients', '')}")
    return "\n".join(part for part in parts if part)


def allergens_in(line: PricedLine) -> list[str]:
    """Sources from the recipe, the options and the pieces of a box, each once."""
    codes = set(_label(line.variant, "allergens", []))
    for variant in line.picks:
        codes.update(_label(variant, "allergens", []))
    for choice in line.choices:
        if choice.option:
            codes.update(choice.option.extra_allergens)
    return sorted(codes)


def _label(variant: Variant, key: str, default: Any) -> Any:
    return variant.label.get(key) or default
