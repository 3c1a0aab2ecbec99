"""Bake days in URLs: /staff/bake-sheet/2026-11-24/."""

from __future__ import annotations

import datetime


class DateConverter:
    """A date as ISO 8601 in a path. What is no date matches no page."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> datetime.date:
        return datetime.date.fromisoformat(value)

    def to_url(self, value: datetime.date) -> str:
        return value.isoformat()
