"""Limits: how much there is of something on a bake day, and who holds some of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from shop.admin.base import ReadOnly, ReadOnlyRows, Rows, ShopAdmin
from shop.admin.filters import ComingDayFilter, SortedByDay
from shop.models import Capacity, Draw, Hold, Product, Resource, ResourceUse

# What more variants than this draw from is changed under Variants, one by one: a form
# of thousands of rows could be neither read nor sent.
MOST_USES = 200


class ResourceUseRows(Rows):
    model = ResourceUse
    autocomplete_fields = ("variant",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ResourceUse]:
        """With the product, which is part of a variant's name."""
        return super().get_queryset(request).select_related("variant__product")


@admin.register(Resource)
class ResourceAdmin(ShopAdmin):
    list_display = ("name", "daily_limit", "unit")

    def get_inlines(self, request: HttpRequest, obj: Resource | None) -> list[type]:
        uses = obj.uses.all()[: MOST_USES + 1] if obj else ()
        return [] if len(uses) > MOST_USES else [ResourceUseRows]


class CapacityForm(forms.ModelForm):
    limit = forms.IntegerField(min_value=0, max_value=1_000_000)

    class Meta:
        model = Capacity
        fields = ("limit", "overbook_reason")

    def clean(self) -> dict[str, Any]:
        """The rule compares with `taken`, which is not in the form and so not
        validated by Django with it."""
        facts = super().clean()
        limit, reason = facts.get("limit"), facts.get("overbook_reason")
        if limit is not None and limit < self.instance.taken and not reason:
            raise ValidationError(_sentence())
        return facts


def _sentence() -> str:
    rules = {rule.name: rule for rule in Capacity._meta.constraints}
    return str(rules["capacity_not_oversold"].violation_error_message)


@admin.register(Capacity)
class CapacityAdmin(SortedByDay, ShopAdmin):
    """Changes the limit alone: what is taken may have moved since the page was shown,
    and is never written from here. If it moved past the new limit, the database
    refuses and the owner reads the same sentence."""

    form = CapacityForm
    list_display = ("what", "bake_day", "limit", "taken", "left", "overbook_reason")
    list_filter = (ComingDayFilter, "product__category", "resource")
    list_select_related = ("bake_day", "product", "resource", "slot__place")
    sortable_by = ("bake_day",)
    ordering = ("bake_day__date", "slot__starts", "product__name", "pk")
    search_fields = ("product__name", "resource__name")
    fields = ("bake_day", "what", "taken", "left", "limit", "overbook_reason")
    readonly_fields = ("bake_day", "what", "taken", "left")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Capacity], search_term: str
    ) -> tuple[QuerySet[Capacity], bool]:
        """Names are looked for among the goods, which are few beside their limits."""
        words = search_term.split()
        if words:
            goods, others = (
                list(_named(model, words)) for model in (Product, Resource)
            )
            queryset = queryset.filter(Q(product__in=goods) | Q(resource__in=others))
        return queryset, False

    @admin.display(description="limit of")
    def what(self, capacity: Capacity) -> str:
        if capacity.slot:
            return f"pick-up {capacity.slot} at {capacity.slot.place}"
        if capacity.resource:
            return f"{capacity.resource} ({capacity.resource.unit})"
        return str(capacity.product)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: Capacity, form: CapacityForm, change: bool
    ) -> None:
        obj.save(update_fields=["limit", "overbook_reason"])

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except IntegrityError:
            return _refuse(request)


def _named(model: type[Product | Resource], words: list[str]) -> QuerySet:
    """Ids of those with limits whose name has all the words."""
    has_all = [Q(name__icontains=word) for word in words]
    limits = Capacity.objects.filter(**{model._meta.model_name: OuterRef("pk")})
    found = model.objects.filter(*has_all, Exists(limits)).order_by()
    return found.values_list("pk", flat=True)


def _refuse(request: HttpRequest) -> HttpResponse:
    messages.error(request, _sentence())
    return HttpResponseRedirect(request.get_full_path())


class DrawRows(ReadOnlyRows):
    model = Draw
    fields = ("capacity", "units")

    def get_queryset(self, request: HttpRequest) -> Any:
        draws = super().get_queryset(request)
        return draws.select_related(
            "capacity__bake_day",
            "capacity__product",
            "capacity__resource",
            "capacity__slot",
        )


@admin.register(Hold)
class HoldAdmin(ReadOnly, ShopAdmin):
    list_display = ("pk", "slot_words", "expires_at", "extensions", "created_at")
    list_select_related = ("slot__bake_day",)
    ordering = ("-expires_at",)
    fields = ("slot", "expires_at", "extensions", "created_at")
    inlines = (DrawRows,)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Without those of proofs, as every other list."""
        return super().get_queryset(request).filter(slot__bake_day__gt=0)

    @admin.display(description="slot")
    def slot_words(self, hold: Hold) -> str:
        return f"{hold.slot.bake_day}, {hold.slot}"
