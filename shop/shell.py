"""What stands around every page of the shop: its categories, counters and hours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

from shop.calendar import Hours, hours_on, today
from shop.hours import OpeningHours, load_hours
from shop.models import Category, DayException, OpeningRule, Place
from shop.remembered import find

DAYS_AHEAD = 28
CLOSED = "closed"


class WeekLine(NamedTuple):
    """Weekdays in a row with equal hours: Tue–Fri, 7:30–18:00."""

    days: str
    hours: str


class UnlikeDay(NamedTuple):
    """A day that is unlike its weekday, with the reason that shoppers are told."""

    date: dt.date
    reason: str
    hours: str


class Given(NamedTuple):
    """The keys of categories, and hours, of a page; None for what is read here."""

    categories: tuple[int, ...] | None
    hours: OpeningHours | None


@dataclass(frozen=True)
class Counter:
    """A place where orders are picked up, with its hours in words."""

    place: Place
    week: list[WeekLine]
    exceptions: list[UnlikeDay]

    @property
    def phone_digits(self) -> str:
        return "".join(c for c in self.place.phone if c.isdigit() or c == "+")


class Shell:
    """Read at first use: one query for the categories, three for the hours.

    A page that has loaded them anyway gives them, and nothing is asked again; nor for
    what is remembered (shop/remembered.py).
    """

    def __init__(
        self,
        categories: Sequence[Category] | None = None,
        hours: OpeningHours | None = None,
    ) -> None:
        self._categories = categories
        self._hours = hours

    @property
    def given(self) -> Given:
        """What the page had loaded itself: hours may be of other days than ours."""
        categories = self._categories
        keys = None if categories is None else tuple(each.pk for each in categories)
        return Given(keys, self._hours)

    @cached_property
    def categories(self) -> list[Category]:
        """Those that have something to sell, in the shop's order."""
        if self._categories is not None:
            return list(self._categories)
        return list(find("categories", ["listed"], _load_categories)["listed"])

    @cached_property
    def hours(self) -> OpeningHours:
        last = today() + dt.timedelta(days=DAYS_AHEAD)
        return self._hours or load_hours(today(), last)

    @cached_property
    def counters(self) -> list[Counter]:
        rules, unlike = self.hours.rules, self._coming
        return [
            Counter(place, _week(place, rules), _unlike(place, unlike))
            for place in self.hours.places
        ]

    @cached_property
    def _coming(self) -> list[DayException]:
        coming = [each for each in self.hours.exceptions if each.date >= today()]
        return sorted(coming, key=lambda each: each.date)

    def opens_at(self, date: dt.date) -> dt.time | None:
        """When the first counter opens that day; None when all are closed."""
        hours = [self.hours.hours(place, date) for place in self.hours.places]
        return min((each[0].opens for each in hours if each), default=None)

    def closed_because(self, date: dt.date) -> str:
        """The reason given for a day on which every counter is closed, or ""."""
        closing = self.hours.closing(date)
        return closing.reason if closing else ""


def _load_categories(keys: list[str]) -> dict[str, list[Category]]:
    rows = list(Category.objects.filter(products__is_listed=True).distinct())
    return dict.fromkeys(keys, rows)


def _week(place: Place, rules: Iterable[OpeningRule]) -> list[WeekLine]:
    monday = today() - dt.timedelta(days=today().weekday())
    dates = [monday + dt.timedelta(days=each) for each in range(7)]
    written = [(_words(hours_on(date, place.pk, rules)), date) for date in dates]
    return [
        WeekLine(_span([date for _, date in days]), hours)
        for hours, days in groupby(written, key=lambda each: each[0])
    ]


def _unlike(place: Place, exceptions: Iterable[DayException]) -> list[UnlikeDay]:
    mine = (each for each in exceptions if each.place_id in (place.pk, None))
    return [UnlikeDay(each.date, each.reason, _hours_of(each)) for each in mine]


def _hours_of(exception: DayException) -> str:
    if exception.opens is None:
        return CLOSED
    return _words([Hours(exception.opens, exception.closes)])


def _words(hours: Sequence[Hours]) -> str:
    return ", ".join(f"{_time(each.opens)}–{_time(each.closes)}" for each in hours) or (
        CLOSED
    )


def _time(time: dt.time) -> str:
    return f"{time.hour}:{time.minute:02}"


def _span(dates: Iterable[dt.date]) -> str:
    days = [f"{date:%a}" for date in dates]
    return days[0] if len(days) == 1 else f"{days[0]}–{days[-1]}"
