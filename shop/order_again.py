"""The same again: an old order's lines into today's basket, as far as they go.

An order tells its lines in the shopper's words, frozen on the day; the catalogue has
gone on since. What cannot be had as it was is left out and explained, never altered.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.datastructures import MultiValueDict

from basket.basket import ShopperBasket
from basket.exceptions import LineTooLarge, TooManyLines
from shop.choices import (
    FIELD,
    Choices,
    item_key,
    line_details,
    option_groups,
    parse_choices,
)
from shop.exceptions import BadChoice
from shop.models import OptionGroup, Order, OrderLine, Product
from shop.templatetags.money import money


@dataclass(frozen=True)
class Remark:
    """One sentence about one line, and where the shopper can choose something else."""

    sentence: str
    href: str = ""


@dataclass
class Again:
    """What came of it: lines and pieces put in, what could not be, what has changed."""

    lines: int = 0
    pieces: int = 0
    missing: list[Remark] = field(default_factory=list)
    changed: list[Remark] = field(default_factory=list)


def order_again(order: Order, basket: ShopperBasket, *, operation: str) -> Again:
    """Put the order's lines into the basket, each as a change of its own.

    Repeatable by the operation: whoever got no answer may press again, and what was
    put in already is not put in twice. The queries for reading do not grow with the
    lines. Raises BasketUnavailable.
    """
    came = Again()
    for line in _lines(order):
        try:
            _put_in(line, order, basket, operation, came)
        except BadChoice as wrong:
            came.missing.append(Remark(str(wrong), _elsewhere(line.variant.product)))
        except (LineTooLarge, TooManyLines) as full:
            came.missing.append(Remark(f"{line.name}: {full.message}"))
    return came


def _lines(order: Order) -> list[OrderLine]:
    rows = order.lines.select_related("variant__product")
    return list(
        rows.prefetch_related("variant__product__option_groups__options__variant")
    )


def _put_in(
    line: OrderLine, order: Order, basket: ShopperBasket, operation: str, came: Again
) -> None:
    choices = _choices(line)
    details = line_details(line.variant, choices)
    quantity = min(line.quantity, line.variant.product.max_per_order)
    now_cents = details["seen_cents"]
    if order.currency == settings.SHOP_CURRENCY:
        # The price they know; the basket marks what has changed since.
        details["seen_cents"] = line.unit_price_cents
    basket.add(
        item_key(line.variant, choices),
        quantity,
        operation=_operation_of(operation, line),
        details=details,
    )
    came.lines += 1
    came.pieces += quantity
    if now_cents != details["seen_cents"]:
        was = money(line.unit_price_cents)
        sentence = f"{line.variant} is {money(now_cents)} now; it was {was}."
        came.changed.append(Remark(sentence))
    if quantity < line.quantity:
        sentence = f"{line.variant}: {quantity} instead of {line.quantity}, the most "
        came.changed.append(Remark(sentence + "we bake for one order now."))


def _operation_of(operation: str, line: OrderLine) -> str:
    return hashlib.sha256(f"{operation}:{line.pk}".encode()).hexdigest()


def _elsewhere(product: Product) -> str:
    return product.get_absolute_url() if product.is_listed else ""


# --- the choices of then, today ---------------------------------------------------


def _choices(line: OrderLine) -> Choices:
    """The line's choices as they can be made now. Raises BadChoice with why not."""
    variant = line.variant
    if not variant.product.is_listed:
        raise BadChoice(f"{line.name}: we no longer bake this.")
    if not variant.is_active:
        raise BadChoice(f"{line.name}: we no longer sell it like this.")
    groups = {group.name: group for group in option_groups(variant.product)}
    posted: MultiValueDict[str, str] = MultiValueDict()
    for fact in line.options:
        group = groups.get(fact.get("group", ""))
        if group is None:
            raise BadChoice(f"{line.name}: “{_words(fact)}” can no longer be chosen.")
        for value in _values(line, group, fact):
            posted.appendlist(FIELD + group.slug, value)
    try:
        return parse_choices(variant, posted)
    except BadChoice as wrong:
        raise BadChoice(f"{line.name} has to be chosen anew. {wrong}") from wrong


def _values(line: OrderLine, group: OptionGroup, fact: Mapping[str, Any]) -> list[str]:
    """What the product's form would post for this choice."""
    choice = fact.get("choice", "")
    if group.kind == OptionGroup.Kind.TEXT:
        return [choice]
    sku = fact.get("sku")
    for option in group.options.all():
        is_it = option.variant and option.variant.sku == sku if sku else None
        if is_it or (not sku and option.name == choice and option.is_active):
            return [option.slug] * int(fact.get("pieces", 1))
    raise BadChoice(f"{line.name}: “{_words(fact)}” can no longer be chosen.")


def _words(fact: Mapping[str, Any]) -> str:
    return f"{fact.get('group', '')}: {fact.get('choice', '')}"
