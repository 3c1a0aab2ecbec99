"""Baskets that are ready for checkout, and a look at everything an order touches."""

from __future__ import annotations

from typing import Any

from django_tasks_db.models import DBTaskResult

from basket import tokens
from basket.backends.base import Contents, stores
from basket.models import Basket, BasketLine
from shop.checkout import Placed, place_order
from shop.choices import Choices, item_key, line_details
from shop.contact import Contact
from shop.models import (
    Capacity,
    Draw,
    Hold,
    Order,
    OrderEvent,
    OrderLine,
    Payment,
    Slot,
    Variant,
)
from shop.shopping import pick_up_facts, priced
from tests.shop import make

MRS_SSONI = Contact("Mrs Ssoni", "ssoni@example.com", "+353 1 555 0100", "")


def make_basket(
    lines: dict[Variant, int] | None = None,
    slot: Slot | None = None,
    *,
    choices: Choices | None = None,
    token: str = "",
) -> Contents:
    """A basket with these lines and this slot, in the store and as it reads."""
    token = token or tokens.new_token()
    slot = slot or make.make_slot()
    store = stores["default"]
    choices = choices or Choices()
    for variant, quantity in (
        {make.make_variant(): 1} if lines is None else lines
    ).items():
        item = item_key(variant, choices)
        details = line_details(variant, choices)
        store.put(token, item, quantity, operation=f"put-{item}", details=details)
    store.remember(token, pick_up_facts(slot), operation="choose-slot")
    return store.read(token)


def place(contents: Contents, **facts: Any) -> Placed:
    """place_order() as an honest page would call it."""
    facts.setdefault("contact", MRS_SSONI)
    facts.setdefault("version", contents.version)
    if "seen_total_cents" not in facts:
        facts["seen_total_cents"] = priced(contents).total_cents
    return place_order(contents, **facts)


def taken(*capacities: Capacity) -> list[int]:
    return [Capacity.objects.get(pk=capacity.pk).taken for capacity in capacities]


def everything() -> dict[str, list[Any]]:
    """All rows that placing or cancelling an order touches, to compare them."""
    models = (
        *(Basket, BasketLine, Capacity, Draw, Hold),
        *(Order, OrderLine, OrderEvent, Payment, DBTaskResult),
    )
    return {m.__name__: list(m.objects.order_by("pk").values()) for m in models}


def drift() -> list[Capacity]:
    """Limits whose number is not the sum of their draws; must always be empty."""
    return [
        capacity
        for capacity in Capacity.objects.prefetch_related("draws")
        if capacity.taken != sum(draw.units for draw in capacity.draws.all())
    ]
