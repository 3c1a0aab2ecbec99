"""One product in a list: what its card shows and where it leads. Pure; no query."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from shop.calendar import day_words
from shop.catalogue import picture_of
from shop.models import Picture, Product, Variant
from shop.offers import Offer, ProductOffer
from shop.templatetags.money import money


@dataclass(frozen=True)
class Card:
    """A product, how it can be had on the chosen day, and the day's query."""

    product: Product
    offer: ProductOffer
    date: dt.date
    query: str

    @cached_property
    def _variants(self) -> list[Variant]:
        return list(self.product.variants.all())

    @property
    def variant(self) -> Variant:
        """The variant that a press on Add takes: the first."""
        return self._variants[0]

    @property
    def picture(self) -> Picture | None:
        return picture_of(self.product)

    @property
    def can(self) -> bool:
        return self.offer.can

    @property
    def variants(self) -> list[Variant]:
        """All that can be had, if there is more than one."""
        return self._variants if len(self._variants) > 1 else []

    @property
    def must_choose(self) -> bool:
        """Is there something to decide that only the product's page asks?"""
        return self.product.asks_first

    @cached_property
    def lowest_cents(self) -> int:
        return min(each.price_cents for each in self._variants)

    @property
    def has_several_prices(self) -> bool:
        return any(each.price_cents > self.lowest_cents for each in self.variants)

    @property
    def weight_words(self) -> str:
        """The weight and the price of a kilogram; of several, the kilogram's span."""
        if not self.variants:
            return weight_words(self.variant)
        prices = sorted({each.cents_per_kg for each in self.variants} - {None})
        ends = prices[:1] + prices[1:][-1:]
        return f"{'–'.join(map(money, ends))}/kg" if ends else ""

    @property
    def is_vegan(self) -> bool:
        return self.variant.label.get("diet") == "vegan"

    @property
    def tag(self) -> str:
        """What stands on the picture; "" when there is plenty."""
        day = day_words(self.date)
        return {
            Offer.FEW: "Few left",
            Offer.SOLD_OUT: f"Sold out for {day}",
            Offer.NOT_THAT_DAY: f"Not on {day}",
            Offer.TOO_LATE: f"Too late for {day}",
        }.get(self.offer.offer, "")

    @property
    def is_few(self) -> bool:
        return self.offer.offer == Offer.FEW

    @property
    def tag_kind(self) -> str:
        return "warn" if self.can else "gone"

    @property
    def href(self) -> str:
        return f"{self.product.get_absolute_url()}{self.query}"

    @property
    def next_date(self) -> dt.date | None:
        return self.offer.next_date

    @property
    def next_href(self) -> str:
        """The product's page on the next day it can be had; "" if there is none."""
        if self.next_date is None:
            return ""
        return f"{self.product.get_absolute_url()}?day={self.next_date.isoformat()}"


def cards_for(
    products: Iterable[Product],
    offers: Mapping[int, ProductOffer],
    date: dt.date,
    query: str,
) -> list[Card]:
    """The cards in the order of the products."""
    return [Card(each, offers[each.pk], date, query) for each in products]


def weight_words(variant: Variant) -> str:
    """ "800 g · €7.25/kg"; "" where the weight is not given."""
    if not variant.net_weight_g:
        return ""
    return f"{variant.net_weight_g} g · {money(variant.cents_per_kg)}/kg"
