"""What is owed and what was paid. Money paid is the sum of the events."""

from __future__ import annotations

from django.db import models

from shop.models.orders import Order


class Payment(models.Model):
    """How one order is to be paid, and how far that has come."""

    class State(models.TextChoices):
        DUE = "due", "to be paid"
        PAID = "paid"
        CANCELLED = "cancelled"
        REFUNDED = "refunded"

    order = models.ForeignKey(Order, models.PROTECT, related_name="payments")
    method = models.CharField(max_length=30, help_text="key of the payment method")
    amount_cents = models.PositiveIntegerField()
    state = models.CharField(max_length=9, choices=State, default=State.DUE)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        indexes = [
            # What is still due is asked for in every list; nearly all is paid.
            models.Index(
                fields=["order"], condition=models.Q(state="due"), name="payment_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.method} for {self.order}: {self.state}"


class PaymentEvent(models.Model):
    """Money that moved, as the provider tells it. Told twice, it counts once."""

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="events")
    provider = models.CharField(max_length=30)
    event_id = models.CharField(max_length=120)
    amount_cents = models.IntegerField(help_text="below zero for a refund")
    data = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "event_id"], name="paymentevent_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.event_id}"
