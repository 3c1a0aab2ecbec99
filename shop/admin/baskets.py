"""Baskets, to see what a caller means. They are changed by their shoppers alone."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from basket.models import Basket, BasketLine
from shop.admin.base import ReadOnly, ReadOnlyRows, ShopAdmin
from shop.reserved import NUMBER, SKU


class BasketLineRows(ReadOnlyRows):
    model = BasketLine
    fields = ("item", "quantity", "added_at")


@admin.register(Basket)
class BasketAdmin(ReadOnly, ShopAdmin):
    """Without the token: who has it has the basket."""

    list_display = ("pk", "state", "version", "created_at", "changed_at")
    list_filter = ("state",)
    ordering = ("-changed_at",)
    fields = ("state", "version", "details", "created_at", "changed_at")
    inlines = (BasketLineRows,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Basket]:
        """Without those of proofs, as every other list."""
        rows = super().get_queryset(request).exclude(lines__item=SKU)
        return rows.exclude(owner__endswith=f":{NUMBER}")
