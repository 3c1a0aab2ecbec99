"""What several of the admin's pages have in common."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.text import capfirst

from shop.admin.fields import CentsField, SourcesField
from shop.allergens import SOURCES

ALLERGEN_FIELDS = {"allergens", "may_contain", "extra_allergens"}


class BoundedPaginator(Paginator):
    """Counts no further than `most` rows, so a table of a million lists as quickly."""

    most = 5_000

    @cached_property
    def count(self) -> int:
        return self.object_list.order_by().values("pk")[: self.most].count()


class NamedAutocomplete(AutocompleteSelect):
    """Says what belongs into it while it is empty; its box has no other label."""

    def build_attrs(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        attrs = super().build_attrs(*args, **kwargs)
        return attrs | {"data-placeholder": str(self.field.verbose_name)}

    def optgroups(self, name: str, value: list[Any], attr: Any = None) -> list[Any]:
        """Without what is no key at all: the field has refused it, and says so."""
        model = self.field.remote_field.model
        keys = [each for each in value if not each or is_key(model, each)]
        return super().optgroups(name, keys, attr)


def is_key(model: type[models.Model], text: str) -> bool:
    """Can a row of the model be asked for by this text?"""
    try:
        key = model._meta.pk.to_python(text)
    except ValidationError:
        return False
    return not isinstance(key, int) or abs(key) < 2**63


class FriendlyFields:
    """Money as 4.50 and allergens as boxes, in forms and in rows inside forms."""

    def formfield_for_dbfield(
        self, db_field: models.Field, request: HttpRequest, **kwargs: Any
    ) -> forms.Field:
        if db_field.name.endswith("_cents"):
            return _money_field(db_field)
        if db_field.name in ALLERGEN_FIELDS:
            return SourcesField(
                sources=SOURCES.items(), label=capfirst(db_field.verbose_name)
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> forms.Field:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = NamedAutocomplete(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(
        self, db_field: models.ManyToManyField, request: HttpRequest, **kwargs: Any
    ) -> forms.Field:
        kwargs["widget"] = forms.CheckboxSelectMultiple(
            attrs={"class": "boxes-in-columns"}
        )
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        field.help_text = ""
        return field


def _money_field(db_field: models.Field) -> CentsField:
    may_be_negative = not isinstance(db_field, models.PositiveIntegerField)
    return CentsField(
        min_cents=None if may_be_negative else 0,
        label=capfirst(db_field.verbose_name.removesuffix(" cents")),
        help_text=f"in {settings.SHOP_CURRENCY} with tax, such as 4.50",
        required=not db_field.blank,
        initial=db_field.default if db_field.has_default() else None,
    )


class ReadOnly:
    """Looked at in the admin, changed by the shop alone."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class RealRows:
    """Rows that are not there: no error, and nothing to learn from it.

    Actions on rows that no list ever offered, such as "abc", are a 400.
    """

    def response_action(
        self, request: HttpRequest, queryset: models.QuerySet
    ) -> HttpResponse | None:
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
        if not all(is_key(self.model, each) for each in chosen):
            raise BadRequest("There are no such rows.")
        return super().response_action(request, queryset)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Who may not look is told the same whether there is such a row or not."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)


class OfferedSorts(ChangeList):
    """Sorts by no column whose head does not offer it, whatever the address says."""

    def get_ordering_field(self, field_name: Any) -> Any:
        offered = field_name in self.sortable_by
        return super().get_ordering_field(field_name) if offered else None


class ShopAdmin(RealRows, FriendlyFields, admin.ModelAdmin):
    """Lists without a full count, and without a sort of a whole table.

    A list that grows with the orders names in `sortable_by` what an index sorts.
    """

    paginator = BoundedPaginator
    show_full_result_count = False
    list_per_page = 50
    few = 200

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return OfferedSorts

    def get_paginator(
        self,
        request: HttpRequest,
        rows: models.QuerySet,
        size: int,
        *rest: Any,
        **more: Any,
    ) -> Paginator:
        """What a box offers is counted as far as to tell whether it goes on: no number
        of pages is shown there."""
        pages = super().get_paginator(request, rows, size, *rest, **more)
        if request.resolver_match and request.resolver_match.url_name == "autocomplete":
            pages.most = size * _number(request.GET.get("page", "")) + 1
        return pages

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet, search_term: str
    ) -> tuple[models.QuerySet, bool]:
        """A rare word reads the table once: its rows are counted and shown by key."""
        found, repeats = super().get_search_results(request, queryset, search_term)
        if not search_term.strip():
            return found, repeats
        few = self.by_key(queryset, found)
        return (found, repeats) if few is None else (few, False)

    def by_key(
        self, rows: models.QuerySet, found: models.QuerySet
    ) -> models.QuerySet | None:
        """Those of the rows that are found, if these are few. One query."""
        keys = list(found.order_by().values_list("pk", flat=True)[: self.few + 1])
        return None if len(keys) > self.few else rows.filter(pk__in=keys)


def _number(page: str) -> int:
    return int(page) if page.isdecimal() and len(page) < 6 else 1


class DeleteBox(forms.CheckboxInput):
    """The box that takes a row away, with a name of its own."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"aria-label": "Delete"} | (attrs or {}))


class LabelledRows(FriendlyFields):
    """Rows inside another thing's form; empty ones come by "Add another".

    Each field carries its name, which a table has in the column's head only.
    """

    extra = 0

    class Media:
        js = ("shop/admin.js",)

    def get_formset(
        self, request: HttpRequest, obj: Any = None, **kwargs: Any
    ) -> type[forms.BaseInlineFormSet]:
        formset = super().get_formset(request, obj, **kwargs)
        for name, field in formset.form.base_fields.items():
            label = field.label or name.replace("_", " ")
            field.widget.attrs.setdefault("aria-label", capfirst(str(label)))
        formset.deletion_widget = DeleteBox
        return formset


class Rows(LabelledRows, admin.TabularInline):
    """As a table."""


class Blocks(LabelledRows, admin.StackedInline):
    """One under the other, for rows with more fields than a table has room for."""


class ReadOnlyRows(ReadOnly, Rows):
    """A plain table that can be scrolled on a phone."""

    template = "shop/staff/admin_rows.html"
    can_delete = False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields
