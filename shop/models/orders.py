"""What was ordered, and everything that has happened to it since."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from shop.models.calendar import BakeDay, Slot
from shop.models.catalogue import Variant
from shop.models.people import Customer
from shop.reserved import ShownByBakeDay, ShownByVariant


class Order(models.Model):
    """A promise to bake and to keep ready. One basket becomes one order, ever."""

    class State(models.TextChoices):
        AWAITING_PAYMENT = "awaiting_payment", "waiting for payment"
        CONFIRMED = "confirmed", "received"
        IN_PRODUCTION = "in_production", "in the oven"
        READY = "ready", "packed and ready"
        HANDED_OVER = "handed_over", "handed over"
        CANCELLED = "cancelled"
        EXPIRED = "expired", "not paid in time"
        NOT_COLLECTED = "not_collected", "not collected"

    code = models.CharField(
        max_length=6, unique=True, help_text="what the shopper says at the counter"
    )
    secret = models.CharField(
        max_length=43, unique=True, help_text="in the link to the order's own page"
    )
    basket_token = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=16, choices=State, default=State.CONFIRMED)
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="orders"
    )
    name = models.CharField(max_length=120)
    email = models.EmailField("e-mail address")
    phone = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=300, blank=True)
    # Without an index of its own: order_by_day_and_slot begins with it.
    bake_day = models.ForeignKey(
        BakeDay, models.PROTECT, db_index=False, related_name="orders"
    )
    slot = models.ForeignKey(Slot, models.PROTECT, related_name="orders")
    currency = models.CharField(max_length=3)
    total_cents = models.PositiveIntegerField()
    tax_cents = models.PositiveIntegerField(help_text="contained in the total")
    placed_at = models.DateTimeField(auto_now_add=True)

    objects = ShownByBakeDay()

    class Meta:
        ordering = ["-placed_at"]
        permissions = [
            ("hand_over", "Can hand orders over"),
            ("see_bake_sheet", "Can see the bake sheet"),
        ]
        indexes = [
            models.Index(fields=["bake_day", "slot"], name="order_by_day_and_slot"),
            models.Index(fields=["email"], name="order_by_email"),
            models.Index(fields=["-placed_at"], name="order_newest_first"),
            models.Index(fields=["state", "bake_day"], name="order_by_state_and_day"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(tax_cents__lte=F("total_cents")),
                name="order_tax_within_total",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        return reverse("shop:order", args=[self.secret])

    @property
    def is_reserved(self) -> bool:
        """Was it made by a proof? See shop/reserved.py."""
        return self.bake_day_id < 0


class OrderLine(models.Model):
    """What was promised, frozen as it was on the day: name, price, allergens."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="order_lines")
    name = models.CharField(max_length=160)
    options = models.JSONField(
        default=list, help_text="as chosen: [{group, choice}], in the shopper's words"
    )
    quantity = models.PositiveSmallIntegerField()
    unit_price_cents = models.PositiveIntegerField()
    total_cents = models.PositiveIntegerField()
    tax_permille = models.PositiveSmallIntegerField()
    tax_cents = models.PositiveIntegerField()
    ingredients = models.TextField(blank=True)
    allergens = models.JSONField(default=list)
    packed_at = models.DateTimeField(null=True, blank=True)

    objects = ShownByVariant()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gte=1), name="orderline_quantity_positive"
            ),
            models.CheckConstraint(
                condition=Q(total_cents=F("quantity") * F("unit_price_cents")),
                name="orderline_total_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.name}"


class OrderEvent(models.Model):
    """One thing that happened to an order: who, when, what. Only ever added."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=30)
    from_state = models.CharField(max_length=16, blank=True)
    to_state = models.CharField(max_length=16, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="empty for the shopper and for the shop itself",
    )
    data = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:%H:%M}"
