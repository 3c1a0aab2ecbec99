"""Categories, taxes and what shoppers may decide about a product."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from shop.admin.base import Rows, ShopAdmin
from shop.models import Category, Option, OptionGroup, TaxClass
from shop.search import index_products


@admin.register(Category)
class CategoryAdmin(ShopAdmin):
    list_display = ("name", "position", "intro")
    list_editable = ("position",)
    search_fields = ("name",)
    prepopulated_fields = {"slug": ("name",)}

    def save_related(self, request: HttpRequest, form: Any, *rest: Any) -> None:
        super().save_related(request, form, *rest)
        index_products(form.instance.products.all())


@admin.register(TaxClass)
class TaxClassAdmin(ShopAdmin):
    list_display = ("name", "permille")


class OptionRows(Rows):
    model = Option
    prepopulated_fields = {"slug": ("name",)}
    autocomplete_fields = ("variant",)


@admin.register(OptionGroup)
class OptionGroupAdmin(ShopAdmin):
    list_display = ("name", "kind", "min_choices", "max_choices", "help")
    list_filter = ("kind",)
    search_fields = ("name",)
    prepopulated_fields = {"slug": ("name",)}
    inlines = (OptionRows,)
