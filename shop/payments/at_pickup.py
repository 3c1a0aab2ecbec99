"""Pay at the counter, in cash or by card there."""

from __future__ import annotations

from shop.models import Order, Payment
from shop.payments.base import PaymentMethod


class PayAtPickup(PaymentMethod):
    """Nothing happens until the order is handed over; hand_over() then settles it."""

    key = "at_pickup"
    title = "Pay when you pick up"
    hint = "In cash or by card at the counter."

    def start(self, order: Order, payment: Payment) -> str | None:
        return None

    def refund(self, payment: Payment, amount_cents: int) -> None:
        """Nothing to send: the counter gives the money back by hand."""
