"""Pure rules of the calendar: no query, only what they are given.

Opening hours, slots and cut-offs are wall time of the bakery; instants are UTC.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NamedTuple

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language

from shop.models import DayException, OpeningRule

# How far back working days are looked for before giving up.
SEARCH_DAYS = 366

IsWorking = Callable[[dt.date], bool]


class Hours(NamedTuple):
    """A time in which a counter is open, wall time."""

    opens: dt.time
    closes: dt.time


def today(now: dt.datetime | None = None) -> dt.date:
    """The date in the bakery's zone, whatever the server's."""
    return timezone.localdate(now, timezone.get_default_timezone())


def instant(day: dt.date, time: dt.time) -> dt.datetime:
    """The moment of a wall time, in UTC.

    When clocks go forward, a time that is skipped means the one an hour later; when
    they go back, a time that comes twice means the first.
    """
    wall = time.replace(fold=0, tzinfo=None)
    return _instant(day, wall, timezone.get_default_timezone())


@lru_cache(maxsize=1000)
def _instant(day: dt.date, wall: dt.time, zone: dt.tzinfo) -> dt.datetime:
    # Asked again for each slot of a day by every page that shows its times.
    return dt.datetime.combine(day, wall).replace(tzinfo=zone).astimezone(dt.UTC)


def day_words(day: dt.date) -> str:
    """The day as shoppers read it: Tue 24 Nov."""
    return _day_words(day, get_language())


@lru_cache(maxsize=1000)
def _day_words(day: dt.date, language: str | None) -> str:
    # Refusals name days, and most of them are never shown.
    return date_format(day, "D j M")


def moment_words(moment: dt.datetime) -> str:
    """The moment in the bakery's zone: Mon 23 Nov, 18:00."""
    return _moment_words(moment, timezone.get_default_timezone(), get_language())


@lru_cache(maxsize=1000)
def _moment_words(moment: dt.datetime, zone: dt.tzinfo, language: str | None) -> str:
    # As day_words(); cut-offs come again and again.
    wall = timezone.localtime(moment, zone)
    return f"{day_words(wall.date())}, {wall:%H:%M}"


def exception_on(
    day: dt.date, place_id: int, exceptions: Iterable[DayException]
) -> DayException | None:
    """What is unlike other weeks that day; a place's own beats the one for all."""
    fitting = [
        exception
        for exception in exceptions
        if exception.date == day and exception.place_id in (place_id, None)
    ]
    return min(fitting, key=lambda e: e.place_id is None, default=None)


def hours_on(
    day: dt.date,
    place_id: int,
    rules: Iterable[OpeningRule],
    exceptions: Iterable[DayException] = (),
) -> list[Hours]:
    """When the place is open on that day, earliest first; an empty list is closed.

    The most specific answer wins: an exception beats every rule, and of the rules for
    the weekday those that are valid for the shortest time. Hours never overlap.
    """
    exception = exception_on(day, place_id, exceptions)
    if exception:
        return [Hours(exception.opens, exception.closes)] if exception.opens else []
    fitting = [rule for rule in rules if _applies(rule, day, place_id)]
    shortest = min(map(_days_valid, fitting), default=0)
    return _joined(
        Hours(rule.opens, rule.closes)
        for rule in fitting
        if _days_valid(rule) == shortest
    )


def is_working_day(
    day: dt.date,
    place_ids: Iterable[int],
    rules: Iterable[OpeningRule],
    exceptions: Iterable[DayException] = (),
) -> bool:
    """Is any of the places open that day?"""
    return any(hours_on(day, place_id, rules, exceptions) for place_id in place_ids)


def order_until(
    day: dt.date, lead_days: int, time: dt.time, is_working: IsWorking
) -> dt.datetime:
    """The last moment to order for a bake day, in UTC.

    That is the wall time on the lead_days-th working day before it (the bake day
    itself for 0). Where a year has too few working days it is a year before, so that
    nothing can be ordered.
    """
    before = day
    missing = lead_days
    while missing and (day - before).days < SEARCH_DAYS:
        before -= dt.timedelta(days=1)
        missing -= is_working(before)
    return instant(before, time)


def _applies(rule: OpeningRule, day: dt.date, place_id: int) -> bool:
    return (
        rule.place_id == place_id
        and rule.weekday == day.weekday()
        and (rule.valid_from or day) <= day <= (rule.valid_until or day)
    )


def _days_valid(rule: OpeningRule) -> int:
    return (
        (rule.valid_until or dt.date.max) - (rule.valid_from or dt.date.min)
    ).days + 1


def _joined(hours: Iterable[Hours]) -> list[Hours]:
    joined: list[Hours] = []
    for opens, closes in sorted(hours):
        if joined and opens <= joined[-1].closes:
            last = joined.pop()
            joined.append(Hours(last.opens, max(last.closes, closes)))
        else:
            joined.append(Hours(opens, closes))
    return joined
