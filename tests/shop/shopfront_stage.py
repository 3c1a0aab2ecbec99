"""A bakery seen on a Sunday at noon: what tests of cards and pick-up days look at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.test import RequestFactory

from shop.models import Place, Product
from shop.opening import open_days
from shop.shopfront import Shopfront, open_shopfront
from tests.shop import make

SUN = dt.date(2026, 11, 22)
MON, TUE, WED = (SUN + dt.timedelta(days=n) for n in range(1, 4))
NOON = make.at(SUN, dt.time(12))


def open_market_lane() -> Place:
    """Open every day but Mondays from 7:00; order until 18:00 the day before."""
    place = make.make_place(name="Market Lane", weekdays=[1, 2, 3, 4, 5, 6])
    open_days(SUN, 14)
    return place


def front_for(
    products: Sequence[Product], url: str = "/", now: dt.datetime = NOON
) -> Shopfront:
    return open_shopfront(RequestFactory().get(url), products, now=now)
