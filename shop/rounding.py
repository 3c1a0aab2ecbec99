"""Whole numbers that add up."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction


def shared_out(total: int, weights: Sequence[Fraction | int]) -> list[int]:
    """Split a whole number in proportion to the weights; the parts add up to it.

    Each part is less than one away from its exact share (method of largest
    remainders; equal remainders go to the earlier part). Nothing to split among
    weights that are all zero, or among none, leaves zeros.
    """
    whole = sum(weights)
    if not whole:
        return [0 for _ in weights]
    shares = [divmod(total * weight, whole) for weight in weights]
    parts = [int(part) for part, _ in shares]
    order = sorted(range(len(parts)), key=lambda index: -shares[index][1])
    for index in order[: total - sum(parts)]:
        parts[index] += 1
    return parts
