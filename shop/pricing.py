"""Prices and tax: pure arithmetic in whole cents, no database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence


def unit_price(price_cents: int, option_cents: Iterable[int] = ()) -> int:
    """The price of one piece with its options, in cents; never below zero."""
    return max(0, price_cents + sum(option_cents))


def tax_contained(total_cents: int, permille: int) -> int:
    """The tax inside a price that contains it, in cents, half a cent rounded up."""
    base = 1000 + permille
    return (2 * total_cents * permille + base) // (2 * base)


def split_tax(lines: Sequence[tuple[int, int]]) -> list[int]:
    """The tax of each line, given as (total in cents, rate in permille).

    Tax is rounded once per rate, as on a receipt. Each line gets what its rate's
    rounded tax grows by, so that the lines of a rate always add up to it.
    """
    running: dict[int, int] = defaultdict(int)
    taxes = []
    for total_cents, permille in lines:
        before = tax_contained(running[permille], permille)
        running[permille] += total_cents
        taxes.append(tax_contained(running[permille], permille) - before)
    return taxes
