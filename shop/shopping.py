"""What a basket holds, in the words and prices of today's catalogue."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from basket.backends.base import Contents, Line
from shop import choices as choosing
from shop.availability import Wish
from shop.choices import Choice
from shop.models import Option, OptionGroup, Picture, Product, Slot, Variant
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

    @property
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

    @property
    def total_cents(self) -> int:
        return sum(line.total_cents for line in self.lines)

    @property
    def pieces(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def gone(self) -> list[PricedLine]:
        return [line for line in self.lines if line.gone]


def priced(contents: Contents, *, pictures: bool = True) -> PricedBasket:
    """The basket at today's prices. At most five queries for any number of lines.

    What has left the catalogue, or was never in it, comes as a line with gone=True.
    The slot is None unless it exists and belongs to the chosen day.
    """
    facts = [_Facts(line) for line in contents.lines]
    variants = _variants(facts)
    options, groups = _options(facts, variants.values())
    shown = _pictures(variants.values()) if pictures else {}
    day = chosen_day(contents.details)
    return PricedBasket(
        token=contents.token,
        version=contents.version,
        lines=tuple(_price(fact, variants, options, groups, shown) for fact in facts),
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
    return (
        Slot.objects.select_related("bake_day", "place")
        .filter(pk=slot_id, bake_day__date=day)
        .first()
    )


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


def _variants(facts: Iterable[_Facts]) -> dict[str, Variant]:
    skus = {fact.sku for fact in facts}
    if not skus:
        return {}
    rows = Variant.objects.select_related("product__tax_class").filter(sku__in=skus)
    return {variant.sku: variant for variant in rows}


def _options(
    facts: Sequence[_Facts], variants: Iterable[Variant]
) -> tuple[dict[tuple[str, str], Option], dict[tuple[int, str], OptionGroup]]:
    """The named options, and the groups the basket's products ask about."""
    named = [option for fact in facts for option in fact.options]
    if not named:
        return {}, {}
    slugs = {_text(option.get("group")) for option in named}
    chosen = {_text(option.get("option")) for option in named}
    options = Option.objects.select_related("variant__product").filter(
        group__slug__in=slugs, slug__in=chosen
    )
    asked = OptionGroup.products.through.objects.select_related("optiongroup").filter(
        optiongroup__slug__in=slugs,
        product__in={variant.product_id for variant in variants},
    )
    groups = {(row.product_id, row.optiongroup.slug): row.optiongroup for row in asked}
    by_id = {group.pk: group.slug for group in groups.values()}
    return {
        (by_id[option.group_id], option.slug): option
        for option in options
        if option.group_id in by_id
    }, groups


def _pictures(variants: Iterable[Variant]) -> dict[int, Picture]:
    products = {variant.product_id for variant in variants}
    if not products:
        return {}
    rows = Picture.objects.filter(product__in=products).order_by("-position", "-pk")
    return {picture.product_id: picture for picture in rows}


def _price(
    fact: _Facts,
    variants: Mapping[str, Variant],
    options: Mapping[tuple[str, str], Option],
    groups: Mapping[tuple[int, str], OptionGroup],
    pictures: Mapping[int, Picture],
) -> PricedLine:
    variant = variants.get(fact.sku)
    found = (
        [_choice(option, variant, options, groups) for option in fact.options]
        if variant
        else []
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
    options: Mapping[tuple[str, str], Option],
    groups: Mapping[tuple[int, str], OptionGroup],
) -> Choice | None:
    """The choice as it can be had today, or None if it can not."""
    slug = _text(fact.get("group"))
    group = groups.get((variant.product_id, slug))
    if group is None:
        return None
    if "text" in fact:
        text = _text(fact["text"])
        return Choice(group, text=text) if group.kind == group.Kind.TEXT else None
    option = options.get((slug, _text(fact.get("option"))))
    if option is None or not choosing.can_be_had(option):
        return None
    return Choice(group, option)


def _is_sold(variant: Variant) -> bool:
    return variant.is_active and variant.product.is_listed
