"""What a basket holds, in the words and prices of today's catalogue."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from basket.backends.base import Contents, Line
from shop import choices as choosing
from shop.availability import Wish
from shop.choices import Choice
from shop.goods import find_slot, groups_of, pictures_of, variants_named
from shop.models import OptionGroup, Picture, Product, Slot, Variant
from shop.pricing import unit_price


@dataclass(frozen=True)
class PricedLine:
    """One basket line today. A gone one costs nothing and cannot be ordered."""

    item: str
    sku: str
    quantity: int
    variant: Variant | None
    choices: tuple[Choice, ...]
    seen_cents: int | None
    gone: bool
    picture: Picture | None = None

    @property
    def product(self) -> Product | None:
        return self.variant.product if self.variant else None

    @property
    def name(self) -> str:
        return str(self.variant) if self.variant else "Something we no longer sell"

    @property
    def options_words(self) -> list[str]:
        return choosing.words(self.choices)

    @cached_property
    def unit_cents(self) -> int:
        if self.gone or self.variant is None:
            return 0
        extra = [choice.option.price_cents for choice in self.choices if choice.option]
        return unit_price(self.variant.price_cents, extra)

    @property
    def total_cents(self) -> int:
        return self.quantity * self.unit_cents

    @property
    def rose(self) -> bool:
        """Does it cost more than when the shopper put it into the basket?"""
        return self.seen_cents is not None and self.unit_cents > self.seen_cents

    @property
    def picks(self) -> list[Variant]:
        """The pieces the shopper picked for one box, each as often as picked."""
        return [
            choice.option.variant
            for choice in self.choices
            if choice.option and choice.option.variant
        ]


@dataclass(frozen=True)
class PricedBasket:
    """A basket at today's prices, with the pick-up day and time that were chosen."""

    token: str
    version: int
    lines: tuple[PricedLine, ...]
    day: datetime.date | None = None
    slot: Slot | None = None

    @cached_property
    def total_cents(self) -> int:
        return sum(line.total_cents for line in self.lines)

    @property
    def pieces(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def gone(self) -> list[PricedLine]:
        return [line for line in self.lines if line.gone]


def priced(contents: Contents, *, pictures: bool = True) -> PricedBasket:
    """The basket at today's prices. At most five queries for any number of lines; none
    for what is remembered (shop/remembered.py).

    What has left the catalogue, or was never in it, comes as a line with gone=True.
    The slot is None unless it exists and belongs to the chosen day.
    """
    facts = [_Facts(line) for line in contents.lines]
    variants = variants_named(fact.sku for fact in facts)
    groups = _groups(facts, variants)
    shown = pictures_of(_products(variants)) if pictures else {}
    day = chosen_day(contents.details)
    return PricedBasket(
        token=contents.token,
        version=contents.version,
        lines=tuple(_price(fact, variants, groups, shown) for fact in facts),
        day=day,
        slot=chosen_slot(contents.details, day),
    )


def wishes(basket: PricedBasket) -> list[Wish]:
    """What the basket asks the oven for: each variant once, pieces of boxes too."""
    wanted: dict[int, Wish] = {}
    for line in basket.lines:
        if line.gone or line.variant is None:
            continue
        for variant in [line.variant, *line.picks]:
            before = wanted[variant.pk].quantity if variant.pk in wanted else 0
            wanted[variant.pk] = Wish(variant, before + line.quantity)
    return list(wanted.values())


def pick_up_facts(slot: Slot) -> dict[str, Any]:
    """What the basket remembers about a chosen slot; priced() reads it."""
    return {"day": slot.bake_day.date.isoformat(), "slot": slot.pk}


def chosen_day(details: Mapping[str, Any]) -> datetime.date | None:
    """The pick-up day a basket remembers; None for none and for nonsense."""
    try:
        return datetime.date.fromisoformat(details.get("day") or "")
    except (TypeError, ValueError):
        return None


def chosen_slot(
    details: Mapping[str, Any], day: datetime.date | None = None
) -> Slot | None:
    """The slot a basket remembers, with bake day and place, if it is of that day."""
    slot_id = details.get("slot")
    if day is None or not isinstance(slot_id, int) or not 0 < slot_id < 2**63:
        return None
    slot = find_slot(slot_id)
    return slot if slot and slot.bake_day.date == day else None


class _Facts:
    """The details of a basket line, taken apart without trusting any of them."""

    def __init__(self, line: Line) -> None:
        self.item = line.item
        self.quantity = line.quantity
        details = line.details if isinstance(line.details, dict) else {}
        self.sku = _text(details.get("sku")) or line.item.partition(":")[0]
        seen = details.get("seen_cents")
        self.seen_cents = seen if isinstance(seen, int) else None
        options = details.get("options") or []
        listed = options if isinstance(options, list) else [None]
        self.options = [fact if isinstance(fact, dict) else {} for fact in listed]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _products(variants: Mapping[str, Variant]) -> list[int]:
    return [variant.product_id for variant in variants.values()]


def _groups(
    facts: Sequence[_Facts], variants: Mapping[str, Variant]
) -> dict[tuple[int, str], OptionGroup]:
    """What the basket's products ask about, if anything was chosen about any."""
    if not any(fact.options for fact in facts):
        return {}
    asked = groups_of(_products(variants))
    return {(pk, group.slug): group for pk in asked for group in asked[pk]}


def _price(
    fact: _Facts,
    variants: Mapping[str, Variant],
    groups: Mapping[tuple[int, str], OptionGroup],
    pictures: Mapping[int, Picture | None],
) -> PricedLine:
    variant = variants.get(fact.sku)
    found = (
        [_choice(option, variant, groups) for option in fact.options] if variant else []
    )
    return PricedLine(
        item=fact.item,
        sku=fact.sku,
        quantity=fact.quantity,
        variant=variant,
        choices=tuple(choice for choice in found if choice),
        seen_cents=fact.seen_cents,
        gone=variant is None or not _is_sold(variant) or None in found,
        picture=pictures.get(variant.product_id) if variant else None,
    )


def _choice(
    fact: Mapping[str, Any],
    variant: Variant,
    groups: Mapping[tuple[int, str], OptionGroup],
) -> Choice | None:
    """The choice as it can be had today, or None if it can not."""
    group = groups.get((variant.product_id, _text(fact.get("group"))))
    if group is None:
        return None
    if "text" in fact:
        text = _text(fact["text"])
        return Choice(group, text=text) if group.kind == group.Kind.TEXT else None
    slug = _text(fact.get("option"))
    option = next((each for each in group.options.all() if each.slug == slug), None)
    if option is None or not choosing.can_be_had(option):
        return None
    return Choice(group, option)


def _is_sold(variant: Variant) -> bool:
    return variant.is_active and variant.product.is_listed
