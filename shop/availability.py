"""What can be had when, and why not: the one answer of the whole shop.

Product page, basket, checkout, admin and commands all ask here. Whether units are
really taken is decided by shop.limits at that moment; this says what it would answer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.utils import timezone

from shop import reasons
from shop.calendar import today
from shop.judging import DayAnswer, Judge, Wish, judge
from shop.models import Hold
from shop.offers import Offer, ProductOffer, offers_on
from shop.reasons import Reason
from shop.reserved import DATE, are_seen
from shop.supply import FAR_AWAY_DAYS, Near, Supply, load_supply

__all__ = [
    "DayAnswer",
    "Offer",
    "ProductOffer",
    "Reason",
    "Wish",
    "day_for",
    "days_for",
    "earliest_day",
    "offers_on",
    "supply_for",
]

# How far ahead the first possible day is looked for.
HORIZON_DAYS = 60


def days_for(
    wishes: Sequence[Wish],
    *,
    now: dt.datetime | None = None,
    days: int = 14,
    hold: Hold | None = None,
) -> list[DayAnswer]:
    """The answers for so many consecutive dates from today, the bakery's date.

    What the wishes draw from one limit is summed before it is compared. What a hold of
    the shopper's own has drawn counts as free for them, and while it lives the cut-off
    of its day does not pass. Without wishes: whether the day can be chosen at all.
    As many queries as load_supply(), whatever the number of wishes and days.
    """
    supply = supply_for(wishes, now=now, days=days, hold=hold)
    return list(map(Judge(supply, wishes).on, supply.dates))


def supply_for(
    wishes: Sequence[Wish],
    *,
    now: dt.datetime | None = None,
    days: int = 14,
    hold: Hold | None = None,
    token: str = "",
    near: Near | None = None,
) -> Supply:
    """What days_for() judges from, for who has more to ask about it. `token` and
    `near` as in load_supply()."""
    now = now or timezone.now()
    first = _first_day(now)
    last = first + dt.timedelta(days=days - 1)
    variants = [wish.variant for wish in wishes]
    return load_supply(
        variants, first, last, now=now, hold=hold, token=token, near=near
    )


def day_for(
    wishes: Sequence[Wish],
    date: dt.date,
    *,
    now: dt.datetime | None = None,
    hold: Hold | None = None,
) -> DayAnswer:
    """The answer for one date, whatever date that is. Queries as load_supply()."""
    now = now or timezone.now()
    if abs((date - _first_day(now)).days) > FAR_AWAY_DAYS:
        return DayAnswer(date, None, (reasons.not_open_yet(date),), None)
    # Two weeks more, to be able to name the earliest day of what comes too soon.
    last = date + dt.timedelta(days=14)
    variants = [wish.variant for wish in wishes]
    supply = load_supply(variants, date, last, now=now, hold=hold)
    return judge(supply, wishes, date)


def earliest_day(
    wishes: Sequence[Wish], *, now: dt.datetime | None = None
) -> DayAnswer | None:
    """The first date on which all wishes can be had; None if there is none in sight."""
    answers = days_for(wishes, now=now, days=HORIZON_DAYS)
    return next((answer for answer in answers if answer.can), None)


def _first_day(now: dt.datetime) -> dt.date:
    """Today, the bakery's date; for a proof the one day on which it can order."""
    return DATE if are_seen() else today(now)
