"""Makes the demo bakery's counter, its hours, and the people who work there."""

from __future__ import annotations

import datetime
import secrets
from collections import Counter
from typing import NamedTuple

from django.db import transaction

from shop.accounts.second_factor import new_codes
from shop.accounts.vouching import vouch_for
from shop.demo.bakery import EXCEPTIONS, HOURS, PASSWORD, PLACE, RESOURCES, STAFF
from shop.models import DayException, OpeningRule, Place, Resource, User
from shop.roles import make_roles


def make_place(today: datetime.date) -> Counter[str]:
    """Make the counter with its week, the coming holidays and the shared resources."""
    place, is_new = Place.objects.get_or_create(slug="market-lane", defaults=PLACE)
    if is_new:
        OpeningRule.objects.bulk_create(
            OpeningRule(place=place, weekday=weekday, opens=opens, closes=closes)
            for weekday, (opens, closes) in HOURS.items()
        )
    return Counter(places=int(is_new)) + _make_exceptions(today)


def make_resources() -> dict[str, Resource]:
    """What products share, by name."""
    return {
        name: Resource.objects.get_or_create(
            name=name, defaults={"unit": unit, "daily_limit": limit}
        )[0]
        for name, (unit, limit) in RESOURCES.items()
    }


def make_staff() -> Counter[str]:
    """Make the demo users with the published password; each has one role."""
    there = set(User.objects.values_list("email", flat=True))
    missing = [person for person in STAFF if person[0] not in there]
    if missing:
        roles = make_roles()
        for email, name, role in missing:
            user = User.objects.create_user(
                email, PASSWORD, name=name, is_staff=True, is_demo=True
            )
            user.groups.add(roles[role])
            vouch_for(user)
    return Counter(users=len(missing))


class LogIn(NamedTuple):
    """What a demo user logs in with; the key is typed into an authenticator app."""

    password: str
    key: str


def give_own_log_ins() -> dict[str, LogIn]:
    """Make the demo users, with passwords made now for all who have the published one.

    Returns the new passwords and second factors by address; nobody ever sees the
    others. Repeatable: who has a password of their own keeps it. One transaction.
    """
    given = {}
    with transaction.atomic():
        make_staff()
        for user in User.objects.filter(is_demo=True).order_by("pk"):
            given[user.email] = LogIn(secrets.token_urlsafe(12), new_codes(user))
            user.set_password(given[user.email].password)
            user.is_demo = False
            user.save(update_fields=["password", "is_demo"])
    return given


def _make_exceptions(today: datetime.date) -> Counter[str]:
    made: Counter[str] = Counter()
    for (month, day), (reason, opens, closes) in EXCEPTIONS.items():
        _, is_new = DayException.objects.get_or_create(
            place=None,
            date=_next(today, month, day),
            defaults={"reason": reason, "opens": opens, "closes": closes},
        )
        made["exceptions"] += is_new
    return made


def _next(today: datetime.date, month: int, day: int) -> datetime.date:
    this_year = datetime.date(today.year, month, day)
    return this_year if this_year >= today else this_year.replace(year=today.year + 1)
