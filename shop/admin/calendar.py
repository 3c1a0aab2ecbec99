"""When the bakery is open, and the bake days that are opened from that."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from shop.admin.base import ReadOnlyRows, Rows, ShopAdmin
from shop.models import BakeDay, DayException, OpeningRule, Place, Slot


class OpeningRuleRows(Rows):
    model = OpeningRule


@admin.register(Place)
class PlaceAdmin(ShopAdmin):
    list_display = ("name", "address", "order_until", "places_per_slot", "is_active")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (OpeningRuleRows,)


@admin.register(DayException)
class DayExceptionAdmin(ShopAdmin):
    list_display = ("date", "reason", "place", "opens", "closes")
    list_filter = ("place",)
    list_select_related = ("place",)
    date_hierarchy = "date"


class SlotRows(ReadOnlyRows):
    """How full each slot is; its number of places is changed under Limits."""

    model = Slot
    fields = ("place", "starts", "ends", "fill")

    def get_queryset(self, request: HttpRequest) -> Any:
        slots = super().get_queryset(request)
        return slots.select_related("place", "capacity", "bake_day")

    @admin.display(description="taken")
    def fill(self, slot: Slot) -> str:
        return f"{slot.capacity.taken} of {slot.capacity.limit}"


@admin.register(BakeDay)
class BakeDayAdmin(ShopAdmin):
    """Days are opened by `manage.py open_days`, which knows the opening rules."""

    list_display = ("date", "state", "cut_off", "note")
    list_filter = ("state",)
    date_hierarchy = "date"
    ordering = ("-date",)
    readonly_fields = ("date",)
    fields = ("date", "state", "cut_off", "note")
    inlines = (SlotRows,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
