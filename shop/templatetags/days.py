"""Days and times for people: {{ date|day_words }} is "Tue 24 Nov".

Instants are told in the bakery's time zone.
"""

from __future__ import annotations

import datetime as dt

from django import template
from django.utils import timezone
from django.utils.dateformat import format as as_format

from shop.calendar import day_words as words_of_day
from shop.calendar import today

register = template.Library()


@register.filter
def day_words(date: dt.date | None) -> str:
    """Short weekday, day, short month. "" for None."""
    return words_of_day(_day(date)) if date else ""


@register.filter
def day_long(date: dt.date | None) -> str:
    """Weekday, day and month in full. "" for None."""
    return as_format(_day(date), "l j F") if date else ""


@register.filter
def clock(time: dt.time | dt.datetime | None) -> str:
    """The time of day as 7:30. "" for None."""
    if time is None:
        return ""
    if isinstance(time, dt.datetime):
        time = timezone.localtime(time, timezone.get_default_timezone()).time()
    return as_format(time, "G:i")


def _day(date: dt.date) -> dt.date:
    return today(date) if isinstance(date, dt.datetime) else date
