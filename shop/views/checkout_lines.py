"""The lines of an order in words, the same before ordering as after it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shop.allergens import words
from shop.models import OrderLine


@dataclass(frozen=True)
class SummaryLine:
    """One line in words, with everything that must be told before it is ordered."""

    name: str
    quantity: int
    options: list[str]
    total_cents: int
    allergens: list[str]


def summary_of(lines: Iterable[OrderLine]) -> list[SummaryLine]:
    """Saved order lines, or those that a basket would become. No query."""
    return [
        SummaryLine(
            name=line.name,
            quantity=line.quantity,
            options=[_option_words(fact) for fact in line.options],
            total_cents=line.total_cents,
            allergens=words(line.allergens),
        )
        for line in lines
    ]


def _option_words(fact: dict) -> str:
    count = fact.get("pieces", 1)
    several = f"{count} × " if count > 1 else ""
    return f"{fact['group']}: {several}{fact['choice']}"
