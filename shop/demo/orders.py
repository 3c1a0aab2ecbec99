"""Makes the demo bakery's orders, through the same doors as a shopper's."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator
from itertools import cycle, islice

from django.utils import timezone

from basket.backends.base import stores
from basket.tokens import new_token
from shop.calendar import instant
from shop.checkout import Contact, place_order
from shop.choices import FIELD, item_key, line_details, parse_choices
from shop.demo.shoppers import SHOPPERS, Shopper
from shop.exceptions import CheckoutError
from shop.models import BakeDay, Order, OrderEvent, Slot, User, Variant
from shop.orders import cancel_order, hand_over, move_order, pack_order
from shop.shopping import pick_up_facts, priced

# How many are placed for each of the next bake days.
ORDERS_A_DAY = (14, 17, 10, 6)
MOST_IN_A_SLOT = 3
BAKING_STARTS = datetime.time(4, 0)
PACKED_AHEAD = datetime.timedelta(minutes=90)
BETWEEN_ORDERS = datetime.timedelta(minutes=23)


def make_orders(today: datetime.date) -> int:
    """Place a few dozen orders for the next bake days, if the shop has none at all.

    Each is a transaction of its own, as for any shopper. What is not baked on a day is
    not ordered for it. Today's are as far as the clock is: in the oven, packed,
    fetched.
    """
    if Order.objects.exists():
        return 0
    days = BakeDay.objects.filter(date__gte=today, state=BakeDay.State.OPEN)
    variants = _variants()
    shoppers = cycle(SHOPPERS)
    made: list[Order] = []
    for day, count in zip(days[: len(ORDERS_A_DAY)], ORDERS_A_DAY, strict=False):
        of_the_day = list(islice(_orders(day, shoppers, variants), count))
        if day.date == today:
            _work_through(of_the_day)
        made += of_the_day
    _cancel_one(made, today)
    return len(made)


def _variants() -> dict[str, Variant]:
    rows = Variant.objects.filter(is_active=True).select_related("product")
    rows = rows.prefetch_related("product__option_groups__options__variant")
    return {variant.sku: variant for variant in rows}


def _orders(
    day: BakeDay, shoppers: Iterator[Shopper], variants: dict[str, Variant]
) -> Iterator[Order]:
    """Orders for a day, spread over its slots, until every shopper was asked once."""
    slots = list(day.slots.select_related("bake_day", "place").order_by("starts"))
    taken: Counter[int] = Counter()
    for number, shopper in enumerate(islice(shoppers, len(SHOPPERS))):
        free = [slot for slot in slots if taken[slot.pk] < MOST_IN_A_SLOT]
        slot = min(free, key=lambda slot: _distance(slot, shopper), default=None)
        if slot is None:
            return
        order = _place(shopper, slot, variants, _placed_at(day, number))
        if order:
            taken[slot.pk] += 1
            yield order


def _distance(slot: Slot, shopper: Shopper) -> float:
    return abs(slot.starts.hour + slot.starts.minute / 60 - shopper.hour)


def _placed_at(day: BakeDay, number: int) -> datetime.datetime:
    """A moment that is past, and early enough for every product's lead time."""
    early = instant(day.date - datetime.timedelta(days=4), datetime.time(8, 10))
    wanted = early + number * BETWEEN_ORDERS
    return min(wanted, timezone.now() - (len(SHOPPERS) - number) * BETWEEN_ORDERS)


def _place(
    shopper: Shopper,
    slot: Slot,
    variants: dict[str, Variant],
    placed_at: datetime.datetime,
) -> Order | None:
    """The order, or None if something in it cannot be had then."""
    wanted = {variants.get(sku): count for sku, count in shopper.basket.items()}
    if not all(variant and _is_baked(variant, slot) for variant in wanted):
        return None
    token, store = new_token(), stores["default"]
    for variant, quantity in wanted.items():
        choices = parse_choices(variant, _posted(shopper, variant))
        store.add(
            token,
            item_key(variant, choices),
            quantity,
            operation=f"demo-{variant.pk}",
            details=line_details(variant, choices),
        )
    store.remember(token, pick_up_facts(slot), operation="demo-pick-up")
    contents = store.read(token)
    try:
        order = place_order(
            contents,
            contact=Contact(shopper.name, shopper.email, shopper.phone, shopper.note),
            seen_total_cents=priced(contents, pictures=False).total_cents,
            version=contents.version,
            now=placed_at,
        ).order
    except CheckoutError:
        return None
    Order.objects.filter(pk=order.pk).update(placed_at=placed_at)
    order.events.update(at=placed_at)
    return order


def _is_baked(variant: Variant, slot: Slot) -> bool:
    date, product = slot.bake_day.date, variant.product
    return product.is_baked_on(date.weekday()) and product.is_in_season(f"{date:%m-%d}")


def _posted(shopper: Shopper, variant: Variant) -> dict[str, list[str]]:
    slugs = {group.slug for group in variant.product.option_groups.all()}
    return {
        FIELD + slug: [value]
        for slug, value in shopper.choices.items()
        if slug in slugs
    }


def _work_through(orders: list[Order]) -> None:
    """Bring today's orders to where they would be at this time of the day."""
    now = timezone.now()
    counter = User.objects.filter(groups__name="counter").first()
    if not orders or now < instant(orders[0].bake_day.date, BAKING_STARTS):
        return
    for order in orders:
        date = order.bake_day.date
        if instant(date, order.slot.ends) < now:
            pack_order(order, actor=counter)
            event = hand_over(order, actor=counter).event
            fetched_at = instant(date, order.slot.starts) + datetime.timedelta(
                minutes=6
            )
            OrderEvent.objects.filter(pk=event.pk).update(at=fetched_at)
        elif instant(date, order.slot.starts) - now < PACKED_AHEAD:
            pack_order(order, actor=counter)
        else:
            move_order(order, Order.State.IN_PRODUCTION)


def _cancel_one(orders: list[Order], today: datetime.date) -> None:
    """Somebody always falls ill."""
    for order in orders[-1:]:
        if order.bake_day.date > today:
            cancel_order(order, by_shopper=True)
