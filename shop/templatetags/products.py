"""Facts of products that templates ask for."""

from __future__ import annotations

from collections.abc import Iterable

from django import template

from shop.allergens import SOURCES
from shop.cards import weight_words
from shop.models import OptionGroup

register = template.Library()
register.filter("weight_words", weight_words)


@register.filter
def marks(codes: Iterable[str]) -> str:
    """Allergens for script, each with its words: "gluten.wheat=wheat|milk=milk"."""
    return "|".join(f"{code}={SOURCES.get(code, code)}" for code in codes)


@register.filter
def places(group: OptionGroup) -> range:
    """The places of a box, counted from one."""
    return range(1, group.max_choices + 1)
