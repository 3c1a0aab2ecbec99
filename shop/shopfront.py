"""What every catalogue page shows around its own words, loaded once for all of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from shop.calendar import today
from shop.cards import Card, cards_for
from shop.linked_data import absolute
from shop.models import Category, Product
from shop.offers import offers_from
from shop.pickup_days import Strip, cut_off_sentence, strip_for
from shop.shell import Shell
from shop.shelves import shelves
from shop.supply import Supply, load_supply

DAYS = 14


@dataclass(frozen=True)
class Shopfront:
    """One page's pick-up day, and what there is on the days around it."""

    path: str
    shell: Shell
    supply: Supply
    strip: Strip

    @property
    def cut_off(self) -> str:
        return cut_off_sentence(self.shell, self.strip)

    def cards(self, products: Sequence[Product]) -> list[Card]:
        """Cards for some of the products it was opened with. No query."""
        date = self.strip.date
        offers = offers_from(self.supply, date, products)
        return cards_for(products, offers, date, self.strip.query)

    def as_context(self) -> dict[str, Any]:
        return {
            "shell": self.shell,
            "strip": self.strip,
            "cut_off": self.cut_off,
            "day_query": self.strip.query,
            "chosen_day": self.strip.query.rpartition("=")[2],
            "here": f"{self.path}{self.strip.query}",
            "canonical": absolute(self.path),
        }


def open_shopfront(
    request: HttpRequest,
    products: Sequence[Product],
    categories: Sequence[Category] | None = None,
    *,
    now: dt.datetime | None = None,
) -> Shopfront:
    """Load it for these products, variants prefetched. Seven queries, of which one
    where the catalogue is remembered; one less if categories are given. Reads nothing
    of the request but its URL.

    What an expired hold still keeps counts as taken here, for the half minute until it
    is swept: these pages are kept, and nothing tells them that a hold's time is over.
    """
    variants = [each for product in products for each in product.variants.all()]
    now = now or timezone.now()
    first = today(now)
    last = first + dt.timedelta(days=DAYS - 1)
    supply = load_supply(variants, first, last, now=now, holds_end=False)
    if categories is None:
        categories = [shelf.category for shelf in shelves()]
    shell = Shell(categories, supply.hours)
    return Shopfront(request.path, shell, supply, strip_for(request, shell, supply))
