"""Days and times for people: {{ date|day_words }} is "Tue 24 Nov"."""

from __future__ import annotations

import datetime

from django import template
from django.utils import timezone
from django.utils.dateformat import format as as_format

register = template.Library()


@register.filter
def day_words(date: datetime.date | None) -> str:
    """Short weekday, day, short month. "" for None."""
    return as_format(date, "D j M") if date else ""


@register.filter
def day_long(date: datetime.date | None) -> str:
    """Weekday, day and month in full. "" for None."""
    return as_format(date, "l j F") if date else ""


@register.filter
def clock(time: datetime.time | datetime.datetime | None) -> str:
    """The time of day as 7:30; an instant is told in the bakery's time zone."""
    if time is None:
        return ""
    if isinstance(time, datetime.datetime):
        time = timezone.localtime(time).time()
    return as_format(time, "G:i")


@register.filter
def relative_day(date: datetime.date, today: datetime.date | None = None) -> str:
    """ "today", "tomorrow", otherwise "on Tue 24 Nov"."""
    days = (date - (today or timezone.localdate())).days
    return {0: "today", 1: "tomorrow"}.get(days, f"on {day_words(date)}")
