"""Form fields that show stored values as people write them: 4.50, Monday, milk."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms

from shop.models.calendar import WEEKDAYS


class CentsField(forms.DecimalField):
    """Shows and takes 4.50 (or 4,50); its value is 450, a whole number of cents."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "size": 8})

    def __init__(self, *, min_cents: int | None = 0, **kwargs: Any) -> None:
        if min_cents is not None:
            kwargs["min_value"] = Decimal(min_cents) / 100
        super().__init__(max_digits=9, decimal_places=2, **kwargs)
        self.error_messages["max_decimal_places"] = "Write at most two decimals: 4.50."
        self.error_messages["min_value"] = "An amount below zero is not possible here."
        self.error_messages["invalid"] = "Write an amount of money, such as 4.50."

    def prepare_value(self, value: Any) -> Any:
        """What stands in the field: the words typed, or the stored cents as 4.50."""
        if isinstance(value, int):
            return f"{Decimal(value) / 100:.2f}"
        return value

    def to_python(self, value: Any) -> Decimal | None:
        if isinstance(value, str) and "." not in value:
            value = value.replace(",", ".")
        return super().to_python(value)

    def clean(self, value: Any) -> int | None:
        amount = super().clean(value)
        return None if amount is None else int(amount * 100)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self._as_amount(initial), data)

    def _as_amount(self, initial: Any) -> Any:
        return Decimal(initial) / 100 if isinstance(initial, int) else initial


class WeekdaysField(forms.TypedMultipleChoiceField):
    """A box for each weekday; its value is the number that Product.weekdays keeps."""

    widget = forms.CheckboxSelectMultiple(attrs={"class": "boxes-in-a-row"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=WEEKDAYS, coerce=int, **kwargs)
        self.error_messages["required"] = "Choose at least one weekday."

    def prepare_value(self, value: Any) -> Any:
        return self._days_of(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> int:
        return sum(1 << day for day in super().clean(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)

    def _days_of(self, bits: int) -> list[int]:
        return [day for day, _ in WEEKDAYS if bits >> day & 1]


class SourcesField(forms.MultipleChoiceField):
    """A box for each allergen source; its value is the list of their codes."""

    widget = forms.CheckboxSelectMultiple(attrs={"class": "boxes-in-columns"})

    def __init__(self, *, sources: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(choices=list(sources), required=False, **kwargs)
