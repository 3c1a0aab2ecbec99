"""Going from one bake day to another."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.http import HttpRequest

from shop.dates import FIRST, LAST, DateConverter
from shop.models import BakeDay

REACH = datetime.timedelta(days=21)
ONE_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Neighbours:
    """The bake days before and after a date, or the calendar's where there are none."""

    before: datetime.date
    after: datetime.date


def neighbours(date: datetime.date) -> Neighbours:
    """Both have a page. One query."""
    near = BakeDay.objects.filter(date__range=(date - REACH, date + REACH))
    days = list(near.values_list("date", flat=True))
    before = max((day for day in days if day < date), default=date - ONE_DAY)
    after = min((day for day in days if day > date), default=date + ONE_DAY)
    return Neighbours(before=max(before, FIRST), after=min(after, LAST))


def asked_date(request: HttpRequest) -> datetime.date | None:
    """The date in ?date=, if it is one that has a page."""
    return DateConverter().read(request.GET.get("date", ""))
