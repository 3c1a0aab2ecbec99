"""Bake days in URLs: /staff/bake-sheet/2026-11-24/."""

from __future__ import annotations

import datetime
import re

# So that a week before the first and after the last is a date as well.
FIRST, LAST = datetime.date(2000, 1, 1), datetime.date(2998, 12, 31)


class DateConverter:
    """A date from FIRST to LAST as ISO 8601 in a path. Anything else has no page."""

    regex = r"2(?!999)\d{3}-\d{2}-\d{2}"

    def to_python(self, value: str) -> datetime.date:
        return datetime.date.fromisoformat(value)

    def to_url(self, value: datetime.date) -> str:
        return value.isoformat()

    def read(self, text: str) -> datetime.date | None:
        """The date that somebody sent, or None for anything that is no such date."""
        if not re.fullmatch(self.regex, text, re.ASCII):
            return None
        try:
            return self.to_python(text)
        except ValueError:
            return None
