"""A small bakery on a Monday, and the questions the availability tests ask it."""

from __future__ import annotations

import datetime as dt

from shop.availability import Wish, day_for
from shop.models import BakeDay, Place
from shop.opening import open_days
from tests.shop import make

MON = dt.date(2026, 11, 23)
TUE, WED, THU, FRI, SAT, SUN = (MON + dt.timedelta(days=n) for n in range(1, 7))
NOON = make.at(MON, dt.time(12))


def open_main_street() -> Place:
    """A counter that is open every day, and its next two weeks from Monday."""
    place = make.make_place(name="Main Street", closes=dt.time(8))
    open_days(MON, 14)
    return place


def bread(**facts):
    return make.make_product(name="Milk bread", **facts).variants.get()


def limit(variant, left, date=TUE, **facts):
    bake_day = BakeDay.objects.get(date=date)
    return make.make_capacity(
        bake_day=bake_day, product=variant.product, limit=left, **facts
    )


def ask(*wishes, date=TUE, now=NOON, **options):
    wishes = [Wish(variant, quantity) for variant, quantity in wishes]
    return day_for(wishes, date, now=now, **options)


def reasons(*wishes, **options):
    answer = ask(*wishes, **options)
    assert answer.can == (not answer.reasons)
    return [(reason.code, reason.sentence) for reason in answer.reasons]


def codes(*wishes, **options):
    return [code for code, _ in reasons(*wishes, **options)]


def cake(lead_days=2):
    product = make.make_product(name="Birthday cake", lead_days=lead_days)
    return product.variants.get()
