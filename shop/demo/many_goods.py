"""What many orders are made of: goods as they are sold, and people who buy them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import product

from django.db import transaction
from django.utils import timezone

from shop.demo.bulk import advance_keys, last_keys, write_rows
from shop.demo.shoppers import SHOPPERS
from shop.models import Customer, Variant

# So many orders are placed by one customer.
ORDERS_EACH = 12


@dataclass(frozen=True)
class Good:
    """A variant with what an order's line keeps of it, and what one of it draws."""

    pk: int
    name: str
    cents: int
    permille: int
    ingredients: str
    allergens: list[str]
    product_id: int
    pieces: int
    uses: tuple[tuple[int, int], ...]


class Goods:
    """What is baked on each weekday of every season, without asking anything first."""

    def __init__(self) -> None:
        rows = Variant.objects.filter(
            is_active=True, product__is_listed=True, product__season_start=""
        ).exclude(product__option_groups__min_choices__gte=1)
        self._of: list[list[Good]] = [[] for _ in range(7)]
        related = rows.select_related("product__tax_class")
        for variant in related.prefetch_related("resource_uses").order_by("pk"):
            good = _good(variant)
            for weekday in range(7):
                if variant.product.is_baked_on(weekday):
                    self._of[weekday].append(good)

    def some(self, weekday: int, count: int, chance: random.Random) -> list[Good]:
        """So many different ones; some are asked for much more often than others."""
        goods = self._of[weekday]
        chosen: dict[int, Good] = {}
        while len(chosen) < min(count, len(goods)):
            good = goods[int(len(goods) * chance.random() ** 2)]
            chosen[good.pk] = good
        return list(chosen.values())


def _good(variant: Variant) -> Good:
    return Good(
        pk=variant.pk,
        name=str(variant),
        cents=variant.price_cents,
        permille=variant.product.tax_class.permille,
        ingredients=variant.label.get("ingredients", ""),
        allergens=sorted(variant.label.get("allergens", [])),
        product_id=variant.product_id,
        pieces=variant.pieces,
        uses=tuple((u.resource_id, u.units) for u in variant.resource_uses.all()),
    )


@dataclass(frozen=True)
class Buyer:
    pk: int
    name: str
    email: str


def make_buyers(orders: int) -> list[Buyer]:
    """As many customers as so many orders have. One transaction; not repeatable."""
    names = [each.name.split() for each in SHOPPERS if len(each.name.split()) == 2]
    both = list(product([n[0] for n in names], [n[1] for n in names]))
    with transaction.atomic():
        (key,) = last_keys(Customer)
        buyers = [
            Buyer(
                key + n, " ".join(both[n % len(both)]), f"buyer-{key + n}@post.example"
            )
            for n in range(1, orders // ORDERS_EACH + 2)
        ]
        _write(buyers)
        advance_keys(Customer)
    return buyers


def _write(buyers: list[Buyer]) -> None:
    now = timezone.now()
    columns = ("id", "email", "name", "phone", "note", "allergies", "created_at")
    rows = [(each.pk, each.email, each.name, "", "", [], now) for each in buyers]
    write_rows(Customer, columns, rows)
