"""Makes the reserved goods of a proof, and removes them with all that came of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django_tasks_db.models import DBTaskResult

from basket.backends.base import stores
from shop.models import (
    BakeDay,
    Capacity,
    Category,
    Draw,
    Hold,
    Order,
    Payment,
    PaymentEvent,
    Place,
    Product,
    Slot,
    TaxClass,
    Variant,
)
from shop.reserved import DATE, NAME, NUMBER, SKU, seen
from shop.tasks import send_order_mail

UNITS = 1000
CUT_OFF = dt.datetime(2999, 12, 26, 18, tzinfo=dt.UTC)
NOON, HALF_PAST = dt.time(12), dt.time(12, 30)


@seen()
@transaction.atomic
def make_reserved_goods() -> None:
    """A product, a bake day and a slot, with limits. Atomic, repeatable."""
    _keep(TaxClass, name=NAME, permille=135)
    _keep(Category, name=NAME, slug=SKU, position=32767)
    _keep(Product, category_id=NUMBER, tax_class_id=NUMBER, name=NAME, slug=SKU)
    _keep(Variant, product_id=NUMBER, sku=SKU, price_cents=450)
    _keep(Place, name=NAME, slug=SKU, position=32767, order_until=dt.time.max)
    _keep(BakeDay, date=DATE, cut_off=CUT_OFF)
    # Slot and limits have numbers of their own: pages send a slot's number, in digits.
    slot, _ = Slot.objects.get_or_create(
        bake_day_id=NUMBER, place_id=NUMBER, starts=NOON, defaults={"ends": HALF_PAST}
    )
    for what in ({"product_id": NUMBER}, {"slot": slot}):
        Capacity.objects.get_or_create(
            bake_day_id=NUMBER, **what, defaults={"limit": UNITS}
        )


@seen()
@transaction.atomic
def clear_reserved_goods() -> None:
    """Remove the goods, and what any proof has left behind. Atomic, repeatable.

    Baskets with the reserved product, its holds, orders, payments, events, draws and
    mail tasks. What the draws had taken needs no giving back: the limits go as well.
    """
    orders = list(Order.objects.filter(bake_day=NUMBER).values_list("pk", flat=True))
    PaymentEvent.objects.filter(payment__order__in=orders).delete()
    Payment.objects.filter(order__in=orders).delete()
    Draw.objects.filter(capacity__bake_day=NUMBER).delete()
    Hold.objects.filter(slot__bake_day=NUMBER).delete()
    mail_tasks(orders).delete()
    Order.objects.filter(pk__in=orders).delete()
    stores["default"].forget_item(SKU)
    for model in (Slot, BakeDay, Variant, Product, Category, TaxClass, Place):
        condition = Q(bake_day=NUMBER) if model is Slot else Q(pk=NUMBER)
        model.objects.filter(condition).delete()


def _keep(model: type[Model], **facts: Any) -> None:
    model.objects.update_or_create(pk=NUMBER, defaults=facts)


def mail_tasks(orders: Sequence[int]) -> QuerySet[DBTaskResult]:
    """The tasks of mails about these orders, done or not."""
    return DBTaskResult.objects.filter(
        task_path=send_order_mail.module_path, args_kwargs__args__0__in=orders
    )
