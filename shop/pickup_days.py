"""The pick-up day of a page: what the URL asks for, and the days there are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, QueryDict

from shop.calendar import day_words, moment_words, today
from shop.judging import DayAnswer, Judge, Wish
from shop.models import Variant
from shop.shell import Shell
from shop.supply import Supply

DAYS_SHOWN = 8
DAYS_OF_PRODUCT = 6

# What stands under a day that cannot be chosen, by the code of the first reason.
SHORT_REASONS = {
    "past_cut_off": "too late",
    "too_soon": "too soon",
    "sold_out": "sold out",
    "not_enough": "sold out",
    "no_slot": "full",
    "not_that_weekday": "not baked",
    "out_of_season": "not in season",
}


@dataclass(frozen=True)
class StripDay:
    """One day to choose, or the reason why not, and the link that chooses it."""

    date: dt.date
    can: bool
    words: str
    href: str


@dataclass(frozen=True)
class Strip:
    """The days in the header. `chosen` is None when nothing can be ordered at all.

    `query` goes behind every link of the page, so that the day stays chosen while
    browsing; it is empty until the shopper chooses one. `problem` says why the day
    asked for is not the one shown.
    """

    days: list[StripDay]
    chosen: DayAnswer | None
    query: str
    problem: str
    now: dt.datetime

    @property
    def date(self) -> dt.date:
        """The day the page speaks of; tomorrow when there is none to be had."""
        return self.chosen.date if self.chosen else _tomorrow(self.now)


def strip_for(request: HttpRequest, shell: Shell, supply: Supply) -> Strip:
    """The strip of this page, from what is loaded. Never refuses a day: one that
    cannot be had gives the earliest and a problem."""
    answers = list(map(Judge(supply, []).on, supply.dates))
    wanted = request.GET.get("day", "")
    asked = next((each for each in answers if each.date.isoformat() == wanted), None)
    earliest = next((answer for answer in answers if answer.can), None)
    is_kept = asked is not None and asked.can
    return Strip(
        days=_days(request, shell, supply, answers)[:DAYS_SHOWN],
        chosen=asked if is_kept else earliest,
        query=f"?day={asked.date.isoformat()}" if is_kept else "",
        problem="" if is_kept or not wanted else _problem(asked, earliest),
        now=supply.now,
    )


def days_of(
    request: HttpRequest, shell: Shell, supply: Supply, variant: Variant
) -> list[StripDay]:
    """The next days on which one of a variant can be had, and why not on others."""
    answers = list(map(Judge(supply, [Wish(variant, 1)]).on, supply.dates))
    return _days(request, shell, supply, answers)[:DAYS_OF_PRODUCT]


def cut_off_sentence(shell: Shell, strip: Strip) -> str:
    """ "Order until 18:00 and pick it up tomorrow from 7:30", for the chosen day."""
    chosen = strip.chosen
    if chosen is None or chosen.order_until is None:
        return "We take no orders at the moment."
    opens = shell.opens_at(chosen.date)
    start = f" from {clock(opens)}" if opens else ""
    until = until_words(chosen.order_until, strip.now)
    day = _relative(chosen.date, strip.now)
    return f"Order until {until} and pick it up {day}{start}."


def until_words(moment: dt.datetime, now: dt.datetime) -> str:
    """ "18:00", "tomorrow at 18:00" or "Tue 24 Nov at 18:00"."""
    day, _, time = moment_words(moment).rpartition(", ")
    away = (today(moment) - today(now)).days
    return {0: time, 1: f"tomorrow at {time}"}.get(away, f"{day} at {time}")


def clock(time: dt.time) -> str:
    """7:30, as it is said."""
    return f"{time.hour}:{time.minute:02}"


def _days(
    request: HttpRequest, shell: Shell, supply: Supply, answers: Sequence[DayAnswer]
) -> list[StripDay]:
    """From tomorrow on, since today has nearly always gone; today if it can be had."""
    first = _tomorrow(supply.now)
    shown = [each for each in answers if each.can or each.date >= first]
    return [
        StripDay(each.date, each.can, _state(shell, each), _href(request, each.date))
        for each in shown
    ]


def _state(shell: Shell, answer: DayAnswer) -> str:
    if answer.can:
        opens = shell.opens_at(answer.date)
        return f"from {clock(opens)}" if opens else "open"
    short = SHORT_REASONS.get(answer.reasons[0].code)
    return short or shell.closed_because(answer.date) or "closed"


def _href(request: HttpRequest, date: dt.date) -> str:
    """This page with that day, its other questions kept."""
    kept = QueryDict(mutable=True)
    kept.update({key: value for key, value in request.GET.items() if key != "day"})
    kept["day"] = date.isoformat()
    return f"{request.path}?{kept.urlencode()}"


def _problem(asked: DayAnswer | None, earliest: DayAnswer | None) -> str:
    why = (
        asked.reasons[0].sentence
        if asked
        else "There is no ordering for the day in this link."
    )
    shown = f" You see what there is on {day_words(earliest.date)}." if earliest else ""
    return why + shown


def _relative(date: dt.date, now: dt.datetime) -> str:
    away = (date - today(now)).days
    return {0: "today", 1: "tomorrow"}.get(away, f"on {day_words(date)}")


def _tomorrow(now: dt.datetime) -> dt.date:
    return today(now) + dt.timedelta(days=1)
