"""Filters of lists that would be endless without them."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone


class BakeDayFilter(admin.SimpleListFilter):
    """Today's and tomorrow's bake days, unless something else is chosen or searched."""

    title = "bake day"
    parameter_name = "days"
    when_searched = "all"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("today", "Today"),
            ("tomorrow", "Tomorrow"),
            ("coming", "Today and later"),
            ("past", "Past"),
            ("all", "All"),
        ]

    def choices(self, changelist: Any) -> Any:
        words = list(super().choices(changelist))
        words[0]["display"] = "Today and tomorrow"
        return words

    def queryset(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        chosen = self.value()
        if chosen is None and request.GET.get("q"):
            chosen = self.when_searched
        return rows.filter(**_condition(chosen))


class SortedByDay:
    """Lists of a day or two are sorted by any column; longer ones by an index.

    `sortable_by` names the columns that an index sorts.
    """

    def get_sortable_by(self, request: HttpRequest) -> Any:
        chosen = request.GET.get(BakeDayFilter.parameter_name)
        is_short = chosen in {"today", "tomorrow"}
        if is_short or (chosen is None and not request.GET.get("q")):
            return self.get_list_display(request)
        return self.sortable_by


class ComingDayFilter(BakeDayFilter):
    """The same; a search looks at what is to come, where all would be years."""

    when_searched = "coming"


def _condition(chosen: str | None) -> dict[str, datetime.date]:
    today = timezone.localdate()
    tomorrow = today + datetime.timedelta(days=1)
    return {
        None: {"bake_day__date__gte": today, "bake_day__date__lte": tomorrow},
        "today": {"bake_day__date": today},
        "tomorrow": {"bake_day__date": tomorrow},
        "coming": {"bake_day__date__gte": today},
        "past": {"bake_day__date__lt": today},
        "all": {},
    }.get(chosen, {})
