"""Days and times to choose, as the pick-up page shows them: {% for day in page|days %}.

Dictionaries of words, since that is what a template reads fastest.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import template

from shop.slots import SlotAnswer
from shop.templatetags.days import clock
from shop.views.pick_up import Day, PickUpPage

register = template.Library()


@register.filter
def days(page: PickUpPage) -> list[dict[str, Any]]:
    """All days of the page. A closed one can be looked at only if it is chosen."""
    return [_day(each) for each in page.days]


@register.filter
def times(page: PickUpPage) -> list[dict[str, Any]]:
    """The times of the chosen day, with their place if there are several."""
    named = page.has_several_places
    chosen = page.preselected.pk if page.preselected else None
    return [_time(each, chosen, named=named) for each in page.times]


@register.filter
def span(answer: SlotAnswer) -> str:
    """ "7:30–8:00"."""
    return f"{clock(answer.slot.starts)}–{clock(answer.slot.ends)}"


def _day(day: Day) -> dict[str, Any]:
    date = day.date
    return {
        "value": date.isoformat(),
        "weekday": f"{date:%a}",
        "date": _short(date),
        "words": day.words,
        "can": day.answer.can,
        "is_chosen": day.is_chosen,
        "is_shut": day.is_closed and not day.is_chosen,
    }


def _time(each: SlotAnswer, chosen: int | None, *, named: bool) -> dict[str, Any]:
    return {
        "value": str(each.slot.pk),
        "words": span(each),
        "place": each.slot.place.name if named else "",
        "sentence": each.sentence,
        "is_chosen": each.slot.pk == chosen,
        "can": each.can,
    }


def _short(date: dt.date) -> str:
    return f"{date.day} {date:%b}"
