"""What the checkout tests do to a basket, a hold and a bake day."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from basket.backends.base import stores
from shop.choices import parse_choices
from shop.holds import live_hold, take_hold
from shop.models import BakeDay, Hold, Option, OptionGroup
from shop.shopping import priced
from tests.shop import make

HOME = "198.51.100.0/24"


def enter(contents, *, network=HOME, **facts):
    """Enter checkout; the live hold after that."""
    take_hold(priced(contents, pictures=False), network=network, **facts)
    return live_hold(contents.token)


def expire(hold):
    past = timezone.now() - dt.timedelta(seconds=1)
    Hold.objects.filter(pk=hold.pk).update(expires_at=past)


def close_orders(slot):
    BakeDay.objects.filter(pk=slot.bake_day_id).update(cut_off=timezone.now())


def change(contents, variant, quantity, operation="change"):
    stores["default"].put(contents.token, variant.sku, quantity, operation=operation)
    return stores["default"].read(contents.token)


def with_choice(variant):
    group = OptionGroup.objects.create(name="Slicing", slug=f"g-{make.number()}")
    group.products.add(variant.product)
    Option.objects.create(group=group, slug="sliced", name="Sliced")
    return parse_choices(variant, {f"option-{group.slug}": "sliced"})
