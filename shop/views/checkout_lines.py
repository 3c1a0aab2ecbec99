"""The lines of an order in words, the same before ordering as after it.

As rows for {% rows %} (shop/templatetags/rows.py) and shop/parts/_order_line.html.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from shop.allergens import words
from shop.once import once
from shop.templatetags.money import money

Row = dict[str, Any]


def rows_of_lines(lines: Iterable[Mapping[str, Any]]) -> list[Row]:
    """What was frozen of the lines (shop/freezing.py), saved or about to be.

    With everything that must be told before it is ordered. No query.
    """
    return [
        {
            "name": line["name"],
            "quantity": str(line["quantity"]),
            "options": [{"words": _option_words(fact)} for fact in line["options"]],
            "total": money(line["total_cents"]),
            "allergens": _allergens(tuple(line["allergens"])),
        }
        for line in lines
    ]


def _option_words(fact: Mapping[str, Any]) -> str:
    count = fact.get("pieces", 1)
    several = f"{count} × " if count > 1 else ""
    return f"{fact['group']}: {several}{fact['choice']}"


@once
def _allergens(codes: tuple[str, ...]) -> str:
    return ", ".join(words(codes))
