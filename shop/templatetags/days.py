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
from shop.once import once

register = template.Library()


@register.filter
def day_words(date: dt.date | None) -> str:
    """Short weekday, day, short month. "" for None."""
    return _words(_day(date)) if date else ""


@register.filter
def day_long(date: dt.date | None) -> str:
    """Weekday, day and month in full. "" for None."""
    return _long_words(_day(date)) if date else ""


@register.filter
def moment(instant: dt.datetime) -> str:
    """Day and time of day, as Tue 24 Nov, 07:30."""
    wall = timezone.localtime(instant, timezone.get_default_timezone())
    return f"{_words(wall.date())}, {wall:%H:%M}"


@register.filter
def clock(time: dt.time | dt.datetime | None) -> str:
    """The time of day as 7:30. "" for None."""
    if time is None:
        return ""
    if isinstance(time, dt.datetime):
        time = timezone.localtime(time, timezone.get_default_timezone()).time()
    return f"{time.hour}:{time.minute:02}"


@once
def _words(date: dt.date) -> str:
    return words_of_day(date)


@once
def _long_words(date: dt.date) -> str:
    return as_format(date, "l j F")


def _day(date: dt.date) -> dt.date:
    return today(date) if isinstance(date, dt.datetime) else date
