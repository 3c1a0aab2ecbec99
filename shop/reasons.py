"""Why something cannot be had on a day, in sentences for the shopper."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.formats import date_format

from shop.calendar import day_words, moment_words
from shop.models import Product, Variant
from shop.models.calendar import WEEKDAYS

CODES = (
    "closed",
    "past_cut_off",
    "not_that_weekday",
    "out_of_season",
    "too_soon",
    "sold_out",
    "not_enough",
    "no_slot",
    "max_per_order",
    "not_listed",
)
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight")


@dataclass(frozen=True)
class Reason:
    """One fact that stands in the way.

    `sku` names the variant it is about; empty means the whole day. `left` is how many
    of the variant can be had that day beside the rest of the wishes, if it is that.
    """

    code: str
    sentence: str
    sku: str = ""
    left: int | None = None


def closed(day: dt.date, why: str = "") -> Reason:
    because = f": {why}" if why else ""
    return Reason("closed", f"We are closed on {day_words(day)}{because}.")


def not_open_yet(day: dt.date) -> Reason:
    return Reason("closed", f"Orders for {day_words(day)} are not open yet.")


def orders_closed(day: dt.date) -> Reason:
    return Reason("closed", f"Orders for {day_words(day)} are closed.")


def past_cut_off(day: dt.date, cut_off: dt.datetime) -> Reason:
    sentence = f"Orders for {day_words(day)} closed on {moment_words(cut_off)}."
    return Reason("past_cut_off", sentence)


def no_slot(day: dt.date) -> Reason:
    return Reason("no_slot", f"No pick-up time is free on {day_words(day)}.")


def not_listed(variant: Variant) -> Reason:
    return Reason("not_listed", f"We no longer sell {variant}.", variant.sku)


def max_per_order(variant: Variant) -> Reason:
    product = variant.product
    sentence = f"One order can have at most {product.max_per_order} {product}."
    return Reason("max_per_order", sentence, variant.sku)


def not_that_weekday(variant: Variant) -> Reason:
    product = variant.product
    baked = [f"{name}s" for day, name in WEEKDAYS if product.is_baked_on(day)]
    others = [f"{name}s" for day, name in WEEKDAYS if not product.is_baked_on(day)]
    sentence = f"We bake {product} on {_listed(baked)} only."
    if len(others) < len(baked):
        sentence = f"We do not bake {product} on {_listed(others)}."
    return Reason("not_that_weekday", sentence, variant.sku)


def out_of_season(variant: Variant) -> Reason:
    product = variant.product
    start, end = _month_day(product.season_start), _month_day(product.season_end)
    sentence = f"We bake {product} from {start} to {end} only."
    return Reason("out_of_season", sentence, variant.sku)


def too_soon(variant: Variant, until: dt.datetime, earliest: dt.date | None) -> Reason:
    """Its own time to order has passed, while the day is still open for others."""
    product: Product = variant.product
    if product.lead_days > 1:
        number = _number(product.lead_days)
        sentence = f"{product} needs {number} working days"
    else:
        sentence = f"{product} had to be ordered by {moment_words(until)}"
    if earliest:
        sentence += f"; the earliest is {day_words(earliest)}"
    return Reason("too_soon", f"{sentence}.", variant.sku)


def not_enough(
    variant: Variant, day: dt.date, *, left: int, alone: int, wanted: int
) -> Reason:
    """A limit is short. `left` is beside the other wishes, `alone` without them."""
    words = day_words(day)
    if alone <= 0:
        sentence = f"We are sold out of {variant} for {words}."
        return Reason("sold_out", sentence, variant.sku, 0)
    if alone < wanted:
        sentence = f"We have only {alone} {variant} left for {words}."
    elif left:
        sentence = (
            f"We can make only {left} {variant} for {words} together with the rest "
            "of your basket."
        )
    else:
        sentence = (
            f"We cannot make {variant} for {words} together with the rest of your "
            "basket."
        )
    return Reason("not_enough", sentence, variant.sku, left)


def _listed(words: list[str]) -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _month_day(value: str) -> str:
    # A leap year, so that 02-29 has a date.
    return date_format(dt.date.fromisoformat(f"2024-{value}"), "j M")


def _number(number: int) -> str:
    return NUMBERS[number] if number < len(NUMBERS) else str(number)
