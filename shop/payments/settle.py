"""The one place where money that moved is written down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Sum

from shop.models import Order, OrderEvent, Payment, PaymentEvent
from shop.moves import change_state


def settle(
    payment: Payment,
    provider: str,
    event_id: str,
    amount_cents: int,
    data: Mapping[str, Any] | None = None,
) -> bool:
    """Count what the provider says has moved; below zero is money given back.

    Atomic, and idempotent by (provider, event_id): told again, also by two servers at
    once or in another order, it counts once and answers False. The payment is paid
    as soon as the sum of its events reaches its amount; an order that waited for it is
    then confirmed. May run inside the caller's transaction.
    """
    with transaction.atomic():
        # Whatever moves money or the order holds the order's row first, so the events
        # of one order are counted one after the other and no two servers deadlock.
        order = Order.objects.select_for_update(of=("self",)).get(pk=payment.order_id)
        payment = Payment.objects.get(pk=payment.pk)
        if not _record(payment, provider, event_id, amount_cents, dict(data or {})):
            return False
        _follow(order, payment)
        return True


def _record(
    payment: Payment,
    provider: str,
    event_id: str,
    amount_cents: int,
    data: dict[str, Any],
) -> bool:
    try:
        with transaction.atomic():
            PaymentEvent.objects.create(
                payment=payment,
                provider=provider,
                event_id=event_id,
                amount_cents=amount_cents,
                data=data,
            )
    except IntegrityError:
        return False
    return True


def _follow(order: Order, payment: Payment) -> None:
    """Bring the payment's state, and an order waiting for it, up to the events."""
    before = payment.state
    paid_cents = payment.events.aggregate(sum=Sum("amount_cents"))["sum"] or 0
    payment.state = _state(payment, paid_cents)
    if payment.state == before:
        return
    payment.save(update_fields=["state"])
    OrderEvent.objects.create(
        order=order,
        kind=f"payment_{payment.state}",
        data={"payment": payment.pk, "paid_cents": paid_cents},
    )
    if (
        payment.state == Payment.State.PAID
        and order.state == Order.State.AWAITING_PAYMENT
    ):
        change_state(order, Order.State.CONFIRMED)


def _state(payment: Payment, paid_cents: int) -> str:
    if paid_cents >= payment.amount_cents:
        return Payment.State.PAID
    if payment.state in {Payment.State.CANCELLED, Payment.State.REFUNDED}:
        return payment.state
    return Payment.State.DUE
