"""Cents and tax add up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.pricing import split_tax, tax_contained, unit_price

cents = st.integers(min_value=0, max_value=10_000_000)
permille = st.sampled_from([0, 70, 90, 135, 190, 230])


@pytest.mark.parametrize(
    ("total_cents", "rate", "tax"),
    [
        (450, 135, 54),
        (1135, 135, 135),
        (1000, 0, 0),
        (0, 135, 0),
        (107, 70, 7),
        (1, 1000, 1),
    ],
)
def test_the_tax_inside_a_price(total_cents, rate, tax):
    assert tax_contained(total_cents, rate) == tax


def test_a_price_has_its_options_and_never_falls_below_zero():
    assert unit_price(450, [20, -50]) == 420
    assert unit_price(450, [-500]) == 0


@given(st.lists(st.tuples(cents, permille), max_size=30))
def test_lines_add_up_to_the_tax_of_their_rate(lines):
    taxes = split_tax(lines)
    assert len(taxes) == len(lines)
    for rate in {rate for _, rate in lines}:
        total = sum(price for price, its in lines if its == rate)
        parts = [tax for tax, (_, its) in zip(taxes, lines, strict=True) if its == rate]
        assert sum(parts) == tax_contained(total, rate)
        assert min(parts) >= 0


@given(cents, permille)
def test_tax_is_rounded_to_the_nearest_cent(total_cents, rate):
    exact_doubled = 2 * total_cents * rate
    off = abs(2 * tax_contained(total_cents, rate) * (1000 + rate) - exact_doubled)
    assert off <= 1000 + rate
