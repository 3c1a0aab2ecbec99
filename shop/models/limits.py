"""Every limit of the shop: one kind of row, moved only by shop/limits.py."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from shop.models.calendar import BakeDay, Slot
from shop.models.catalogue import Product, Variant
from shop.reserved import ShownByBakeDay


class Resource(models.Model):
    """Something several products share: the oven, a dough, the decorator's hours."""

    name = models.CharField(max_length=60, unique=True)
    unit = models.CharField(max_length=30, help_text="in what it is counted: tray, kg")
    daily_limit = models.PositiveIntegerField(help_text="units on each new bake day")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ResourceUse(models.Model):
    """What one of a variant draws from a shared resource; a cake more than a roll."""

    resource = models.ForeignKey(Resource, models.CASCADE, related_name="uses")
    variant = models.ForeignKey(Variant, models.CASCADE, related_name="resource_uses")
    units = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["resource", "variant"], name="resourceuse_once"
            ),
            models.CheckConstraint(
                condition=Q(units__gte=1), name="resourceuse_draws_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant}: {self.units} {self.resource.unit}"


class Capacity(models.Model):
    """How much there is of something on one bake day, and how much of it is taken.

    Exactly one of product (pieces), resource (its units) and slot (places) is set.
    `taken` always equals the sum of the draws; `manage.py reconcile` shows it.
    """

    # Without an index of its own, as the keys of draws: a unique pair begins with it.
    bake_day = models.ForeignKey(
        BakeDay, models.CASCADE, db_index=False, related_name="capacities"
    )
    product = models.ForeignKey(
        Product, models.CASCADE, null=True, blank=True, related_name="capacities"
    )
    resource = models.ForeignKey(
        Resource, models.CASCADE, null=True, blank=True, related_name="capacities"
    )
    slot = models.OneToOneField(
        Slot, models.CASCADE, null=True, blank=True, related_name="capacity"
    )
    limit = models.PositiveIntegerField()
    taken = models.PositiveIntegerField(default=0, editable=False)
    overbook_reason = models.CharField(
        max_length=120, blank=True, help_text="why more may be taken than there is"
    )

    objects = ShownByBakeDay()

    class Meta:
        verbose_name = "limit"
        constraints = [
            models.CheckConstraint(
                condition=Q(taken__lte=F("limit")) | ~Q(overbook_reason=""),
                name="capacity_not_oversold",
                violation_error_message="More is taken than this limit. Lower it to "
                "what is taken, or give a reason for overbooking.",
            ),
            models.CheckConstraint(
                condition=Q(product__isnull=False, resource__isnull=True, slot=None)
                | Q(product__isnull=True, resource__isnull=False, slot=None)
                | Q(product__isnull=True, resource__isnull=True, slot__isnull=False),
                name="capacity_of_one_thing",
            ),
            models.UniqueConstraint(
                fields=["bake_day", "product"], name="capacity_product_once_a_day"
            ),
            models.UniqueConstraint(
                fields=["bake_day", "resource"], name="capacity_resource_once_a_day"
            ),
        ]

    def __str__(self) -> str:
        what = self.product or self.resource or self.slot
        return f"{what} on {self.bake_day}: {self.taken} of {self.limit}"

    @property
    def left(self) -> int:
        """Units that can still be taken; never below zero."""
        return max(0, self.limit - self.taken)


class Hold(models.Model):
    """What somebody in checkout has kept for them until a stated moment."""

    basket_token = models.CharField(max_length=64, unique=True)
    basket_version = models.PositiveIntegerField()
    slot = models.ForeignKey(Slot, models.CASCADE, related_name="holds")
    network = models.CharField(
        max_length=45, db_index=True, help_text="the shopper's network, for the cap"
    )
    expires_at = models.DateTimeField(db_index=True)
    extensions = models.PositiveSmallIntegerField(default=0)
    contact = models.JSONField(
        default=dict, help_text="what the first checkout screen was told"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(extensions__lte=3), name="hold_extensions_limited"
            ),
        ]

    def __str__(self) -> str:
        return f"hold {self.pk} until {self.expires_at:%H:%M:%S} UTC"


class Draw(models.Model):
    """Units taken from a capacity by one hold or one order, so they go back exactly."""

    capacity = models.ForeignKey(Capacity, models.PROTECT, related_name="draws")
    units = models.PositiveIntegerField()
    hold = models.ForeignKey(
        Hold,
        models.PROTECT,
        db_index=False,
        null=True,
        blank=True,
        related_name="draws",
    )
    order = models.ForeignKey(
        "shop.Order",
        models.PROTECT,
        db_index=False,
        null=True,
        blank=True,
        related_name="draws",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(hold__isnull=True, order__isnull=False)
                | Q(hold__isnull=False, order__isnull=True),
                name="draw_of_a_hold_or_an_order",
            ),
            models.CheckConstraint(
                condition=Q(units__gte=1), name="draw_takes_something"
            ),
            models.UniqueConstraint(
                fields=["hold", "capacity"], name="draw_once_per_hold"
            ),
            models.UniqueConstraint(
                fields=["order", "capacity"], name="draw_once_per_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.units} of {self.capacity_id}"
