"""What lists of products say about a day: in words, never in counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.utils import timezone

from shop import reasons
from shop.calendar import day_words, today
from shop.judging import Wish, is_for_sale, judge
from shop.models import BakeDay, Product, Variant
from shop.supply import FAR_AWAY_DAYS, Room, Supply, load_supply

NEXT_DAYS = 14


class Offer(StrEnum):
    """What a shopper is told about a product on a day."""

    AVAILABLE = "available"
    FEW = "few"
    SOLD_OUT = "sold_out"
    NOT_THAT_DAY = "not_that_day"
    TOO_LATE = "too_late"


OFFERS = {
    "past_cut_off": Offer.TOO_LATE,
    "too_soon": Offer.TOO_LATE,
    "sold_out": Offer.SOLD_OUT,
    "not_enough": Offer.SOLD_OUT,
    "no_slot": Offer.SOLD_OUT,
}


@dataclass(frozen=True)
class ProductOffer:
    """The offer, a sentence for the shopper, and the next date if not on this one."""

    offer: Offer
    sentence: str
    next_date: dt.date | None = None

    @property
    def can(self) -> bool:
        return self.offer in (Offer.AVAILABLE, Offer.FEW)


def offers_on(
    date: dt.date, products: Iterable[Product], *, now: dt.datetime | None = None
) -> dict[int, ProductOffer]:
    """What each product's page says for that date: product id -> offer.

    A product is available if one of any of its variants is. The products have their
    variants prefetched. Six queries, for any number of products.
    """
    now = now or timezone.now()
    products = list(products)
    if abs((date - today(now)).days) > FAR_AWAY_DAYS:
        sentence = reasons.not_open_yet(date).sentence
        return {p.pk: ProductOffer(Offer.NOT_THAT_DAY, sentence) for p in products}
    last = date + dt.timedelta(days=NEXT_DAYS)
    variants = [variant for product in products for variant in product.variants.all()]
    supply = load_supply(variants, date, last, now=now)
    return offers_from(supply, date, products)


def offers_from(
    supply: Supply, date: dt.date, products: Iterable[Product]
) -> dict[int, ProductOffer]:
    """The same from what is loaded; a next date is looked for up to its last day."""
    return {product.pk: _offer(supply, product, date) for product in products}


def _offer(supply: Supply, product: Product, date: dt.date) -> ProductOffer:
    variants = [variant for variant in product.variants.all() if is_for_sale(variant)]
    if not variants:
        return ProductOffer(Offer.NOT_THAT_DAY, f"We no longer sell {product}.")
    answers = [judge(supply, [Wish(variant, 1)], date) for variant in variants]
    free = [v for v, answer in zip(variants, answers, strict=True) if answer.can]
    if free:
        bake_day = supply.bake_days[date]
        few = all(_is_few(supply, variant, bake_day) for variant in free)
        return ProductOffer(
            Offer.FEW if few else Offer.AVAILABLE,
            f"Only a few left for {day_words(date)}." if few else "",
        )
    against = answers[0].reasons[0]
    return ProductOffer(
        OFFERS.get(against.code, Offer.NOT_THAT_DAY),
        against.sentence,
        _next_date(supply, variants, date),
    )


def _is_few(supply: Supply, variant: Variant, bake_day: BakeDay) -> bool:
    return any(
        Room(room.left // weight, room.limit // weight).is_few
        for _, weight, room in supply.rooms_for(variant, bake_day)
    )


def _next_date(
    supply: Supply, variants: list[Variant], after: dt.date
) -> dt.date | None:
    for date in sorted(supply.bake_days):
        if date > after and any(
            judge(supply, [Wish(variant, 1)], date).can for variant in variants
        ):
            return date
    return None
