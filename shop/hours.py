"""The bakery's opening hours, loaded once and then asked about many days."""

from __future__ import annotations

import datetime as dt

from shop.calendar import (
    Hours,
    exception_on,
    hours_on,
    is_working_day,
    order_until,
)
from shop.models import DayException, OpeningRule, Place
from shop.remembered import find

# Where no place is open, orders close at the usual time.
USUAL_CUT_OFF = dt.time(18)
# Exceptions are needed from some days before, to count working days back.
DAYS_BEFORE = 31

Days = tuple[dt.date, dt.date]


class OpeningHours:
    """Rules and exceptions of all active places, as they were when loaded."""

    def __init__(
        self,
        places: list[Place],
        rules: list[OpeningRule],
        exceptions: list[DayException],
    ) -> None:
        self.places = places
        self.place_ids = [place.pk for place in places]
        self.rules = rules
        self.exceptions = exceptions
        # What was worked out, since all that it follows from stays as it was loaded.
        self._hours: dict[tuple[int, dt.date], list[Hours]] = {}
        self._working: dict[dt.date, bool] = {}
        self._unlike: dict[tuple[int, dt.date], DayException | None] = {}
        self._cut_offs: dict[tuple[dt.date, int, dt.time], dt.datetime] = {}

    def hours(self, place: Place, day: dt.date) -> list[Hours]:
        """When the place is open that day; an empty list is closed."""
        if (place.pk, day) not in self._hours:
            self._hours[place.pk, day] = hours_on(
                day, place.pk, self.rules, self.exceptions
            )
        return self._hours[place.pk, day]

    def is_working(self, day: dt.date) -> bool:
        """Is any place open that day?"""
        if day not in self._working:
            self._working[day] = is_working_day(
                day, self.place_ids, self.rules, self.exceptions
            )
        return self._working[day]

    def closing(self, day: dt.date) -> DayException | None:
        """The exception for which no place is open that day, if there is one."""
        if self.is_working(day):
            return None
        found = [self._exception(pk, day) for pk in self.place_ids]
        return next((each for each in found if each), None)

    def keeps(
        self, place_id: int, day: dt.date, starts: dt.time, ends: dt.time
    ) -> bool:
        """Is a slot of that place still kept, after all exceptions made since?"""
        if place_id not in self.place_ids:
            return False
        exception = self._exception(place_id, day)
        if exception is None:
            return True
        return bool(
            exception.opens and exception.opens <= starts and ends <= exception.closes
        )

    def _exception(self, place_id: int, day: dt.date) -> DayException | None:
        if (place_id, day) not in self._unlike:
            self._unlike[place_id, day] = exception_on(day, place_id, self.exceptions)
        return self._unlike[place_id, day]

    @property
    def order_until(self) -> dt.time:
        """The time of day at which ordering closes, the earliest of all places."""
        return min((place.order_until for place in self.places), default=USUAL_CUT_OFF)

    def cut_off(
        self, day: dt.date, lead_days: int, time: dt.time | None = None
    ) -> dt.datetime:
        """The last moment to order for that day, so many working days before."""
        asked = (day, lead_days, time or self.order_until)
        if asked not in self._cut_offs:
            self._cut_offs[asked] = order_until(*asked, self.is_working)
        return self._cut_offs[asked]


def load_hours(first: dt.date, last: dt.date) -> OpeningHours:
    """The hours that matter for these days, both included. Three queries at most; see
    shop/remembered.py."""
    days = (first, last)
    return find("hours", [days], _load_hours)[days]


def _load_hours(all_days: list[Days]) -> dict[Days, OpeningHours]:
    return {days: _read_hours(*days) for days in all_days}


def _read_hours(first: dt.date, last: dt.date) -> OpeningHours:
    before = first - dt.timedelta(days=DAYS_BEFORE)
    return OpeningHours(
        list(Place.objects.filter(is_active=True)),
        list(OpeningRule.objects.filter(place__is_active=True)),
        list(DayException.objects.filter(date__range=(before, last))),
    )
