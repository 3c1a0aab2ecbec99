"""What a customer must not eat, and whether something to buy has it in it.

Codes are those of shop/allergens.py. Whoever cannot eat wheat cannot eat spelt either,
so a warning looks for a little more than was ticked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from shop.allergens import SOURCES, US_9, in_order, words
from shop.freezing import allergens_in
from shop.models import Customer
from shop.shopping import PricedBasket, PricedLine

COOKIE_NAME = "allergies"
NOTHING = "none"  # in the cookie of a customer who asked for no warnings


@dataclass(frozen=True)
class AllergyWarning:
    """Allergens to avoid that are in something, in words; `name` is what it is in."""

    contains: tuple[str, ...]
    traces: tuple[str, ...]
    name: str = ""

    @property
    def sentence(self) -> str:
        """For people: "Contains milk. May contain traces of nuts (almond)." """
        parts = []
        if self.contains:
            parts.append(f"Contains {_listed(self.contains)}.")
        if self.traces:
            parts.append(f"May contain traces of {_listed(self.traces)}.")
        return " ".join(parts)

    @property
    def is_certain(self) -> bool:
        return bool(self.contains)


def known(codes: Iterable[str]) -> list[str]:
    """The codes that exist, each once and in order; a family is all of its members."""
    wanted = set(codes)
    return [
        code
        for code in SOURCES
        if code in wanted or ("." in code and code.partition(".")[0] in wanted)
    ]


def watched(codes: Collection[str]) -> list[str]:
    """What to look for on a label for somebody who avoids these."""
    wheat = US_9["wheat"] if "gluten.wheat" in codes else frozenset()
    return in_order({*codes, *wheat})


def warning_of(
    contains: Iterable[str],
    traces: Iterable[str],
    avoided: Collection[str],
    name: str = "",
) -> AllergyWarning | None:
    """What of it is to be avoided, or None. What is in it is not told as a trace."""
    look_for = set(watched(avoided))
    has = look_for & set(contains)
    may = (look_for & set(traces)) - has
    if not has and not may:
        return None
    return AllergyWarning(tuple(words(has)), tuple(words(may)), name)


def warning_of_line(
    line: PricedLine, avoided: Collection[str]
) -> AllergyWarning | None:
    """The same for a line of a basket with its options and pieces. No query."""
    if line.gone or line.variant is None or not avoided:
        return None
    variants = [line.variant, *line.picks]
    traces = [code for each in variants for code in each.label.get("may_contain") or ()]
    return warning_of(allergens_in(line), traces, avoided, line.name)


def warnings_of_basket(
    basket: PricedBasket, avoided: Collection[str]
) -> list[AllergyWarning]:
    """One for each line that has something to be avoided in it. No query."""
    found = (warning_of_line(line, avoided) for line in basket.lines)
    return [each for each in found if each]


def save_allergies(customer: Customer, codes: Iterable[str]) -> list[str]:
    """Keep what the customer wants to be warned of; the list as it was kept."""
    customer.allergies = known(codes)
    customer.save(update_fields=["allergies"])
    return customer.allergies


def cookie_value(codes: Collection[str]) -> str:
    """What script looks for on pages that are the same for everybody."""
    return "+".join(watched(codes)) or NOTHING


def _listed(parts: Collection[str]) -> str:
    *most, last = parts
    return f"{', '.join(most)} and {last}" if most else last
