"""Weights for people: {{ 24310|weight }} is "24.310 kg"."""

from __future__ import annotations

from django import template

from shop.recipes import CardLine, DoughCard

register = template.Library()


@register.filter
def weight(grams: int) -> str:
    """To the gram: kilograms from 1,000 g on, as a scale shows them."""
    if grams < 1000:
        return f"{grams} g"
    return f"{grams // 1000}.{grams % 1000:03} kg"


@register.filter
def per_batch(card: DoughCard) -> list[tuple[CardLine, int]]:
    """The card's lines with the grams of one mixer filling, rounded to the gram."""
    return [(line, round(line.grams / card.batches)) for line in card.lines]
