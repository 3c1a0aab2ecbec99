"""Parts that add up to the whole, to the gram."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from shop.rounding import shared_out

weights = st.lists(st.integers(0, 10_000), max_size=12)


@given(st.integers(0, 10**7), weights)
def test_the_parts_add_up_and_each_is_less_than_one_off(total, weights):
    parts = shared_out(total, weights)
    whole = sum(weights)
    if not whole:
        assert parts == [0] * len(weights)
        return
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(total * weight, whole)) < 1


def test_equal_remainders_go_to_the_earlier_part():
    assert shared_out(10, [1, 1, 1]) == [4, 3, 3]
