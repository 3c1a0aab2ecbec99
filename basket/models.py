"""Rows of the database store. Only basket/backends/database.py writes them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

MAX_PER_LINE = 99
MAX_LINES = 100


class Basket(models.Model):
    """What one visitor has gathered, found by the token in their cookie.

    The version rises by one with each change, so any server can tell which of two
    answers is the newer. A basket that was ordered or merged never changes again; its
    next_token is where whoever still holds the old token goes on.
    """

    class State(models.TextChoices):
        OPEN = "open"
        ORDERED = "ordered"
        MERGED = "merged"

    token = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    version = models.PositiveIntegerField(default=1)
    next_token = models.CharField(max_length=64, blank=True)
    owner = models.CharField(
        max_length=64, blank=True, help_text="whose it is, in the words of the shop"
    )
    details = models.JSONField(
        default=dict, help_text="facts about the whole basket, such as the pick-up day"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner"],
                condition=Q(state="open") & ~Q(owner=""),
                name="basket_one_open_per_owner",
            ),
            models.CheckConstraint(
                condition=Q(state="open") | ~Q(next_token=""),  # nosec B106 - no secret
                name="basket_closed_has_next_token",
            ),
        ]

    def __str__(self) -> str:
        return f"basket {self.pk} ({self.state}, version {self.version})"


class BasketLine(models.Model):
    """Some pieces of one item. What an item is, and what it costs, the shop knows."""

    # Without an index of its own: the unique pair begins with it.
    basket = models.ForeignKey(
        Basket, models.CASCADE, db_index=False, related_name="lines"
    )
    item = models.CharField(max_length=120)
    quantity = models.PositiveSmallIntegerField()
    details = models.JSONField(default=dict)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["basket", "item"], name="basketline_item_once"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=1) & Q(quantity__lte=MAX_PER_LINE),
                name="basketline_quantity_in_bounds",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.item}"


class BasketOperation(models.Model):
    """A change that was made, and what it answered: a repeat gets the same answer."""

    # Without an index of its own, as a line's.
    basket = models.ForeignKey(
        Basket, models.CASCADE, db_index=False, related_name="operations"
    )
    operation = models.CharField(max_length=64)
    version = models.PositiveIntegerField(help_text="the basket's version after it")
    quantity = models.PositiveSmallIntegerField(help_text="the line's pieces after it")
    made_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                F("basket"), F("operation"), name="basketoperation_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.operation} (version {self.version})"
