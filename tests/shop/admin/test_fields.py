"""Money as 4.50 and weekdays as boxes: what is typed, kept and shown."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from shop.admin.fields import CentsField, SourcesField, WeekdaysField


@pytest.mark.parametrize(
    ("typed", "cents"),
    [("4.50", 450), ("4,50", 450), (" 4.5 ", 450), ("0", 0), ("1234.05", 123405)],
)
def test_an_amount_is_kept_in_cents(typed, cents):
    assert CentsField().clean(typed) == cents


@pytest.mark.parametrize(
    "typed",
    ["", "-0.01", "4.505", "1e3x", "four", "1,234.50", "NaN", "Infinity", "99999999"],
)
def test_what_is_no_amount_is_refused(typed):
    with pytest.raises(ValidationError):
        CentsField().clean(typed)


def test_a_discount_may_be_below_zero():
    assert CentsField(min_cents=None).clean("-0.50") == -50
    assert CentsField(min_cents=None).prepare_value(-50) == "-0.50"


@given(st.integers(0, 999_999_999))
def test_what_is_shown_comes_back_unchanged(cents):
    field = CentsField()
    shown = field.prepare_value(cents)
    assert field.clean(shown) == cents
    assert not field.has_changed(cents, shown)
    assert field.has_changed(cents + 1, shown)


def test_what_was_typed_wrongly_is_shown_as_typed():
    assert CentsField().prepare_value("four") == "four"


@given(st.integers(1, 127))
def test_weekdays_come_back_unchanged(bits):
    field = WeekdaysField()
    shown = [str(day) for day in field.prepare_value(bits)]
    assert field.clean(shown) == bits
    assert not field.has_changed(bits, shown)


def test_monday_is_the_first_bit_and_no_day_is_refused():
    assert WeekdaysField().clean(["0"]) == 0b0000001
    assert WeekdaysField().clean(["6"]) == 0b1000000
    for wrong in ([], ["7"], ["x"]):
        with pytest.raises(ValidationError):
            WeekdaysField().clean(wrong)


def test_allergen_boxes_refuse_an_unknown_source():
    field = SourcesField(sources=[("milk", "milk")])
    assert field.clean(["milk"]) == ["milk"]
    assert field.clean([]) == []
    with pytest.raises(ValidationError):
        field.clean(["plutonium"])
