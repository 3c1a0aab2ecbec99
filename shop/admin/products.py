"""Products with their variants, choices and pictures."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join

from shop.admin.base import Blocks, Rows, ShopAdmin
from shop.admin.fields import WeekdaysField
from shop.admin.pictures import PictureBlocks, keep, retry_seconds
from shop.admin.refresh import refresh_product
from shop.allergens import words
from shop.models import OptionGroup, Product, ResourceUse, Variant
from shop.models.catalogue import EVERY_DAY


class ProductForm(forms.ModelForm):
    weekdays = WeekdaysField(label="Baked on", initial=EVERY_DAY)


class VariantForm(forms.ModelForm):
    """A sku stays what it is: baskets and orders name the variant by it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["sku"].disabled = True


class VariantBlocks(Blocks):
    model = Variant
    form = VariantForm
    fields = (
        ("name", "sku"),
        ("price_cents", "net_weight_g"),
        ("recipe", "dough_g"),
        ("pieces_per_tray", "pieces"),
        ("position", "is_active"),
    )
    autocomplete_fields = ("recipe",)


class OptionGroupRows(Rows):
    model = OptionGroup.products.through
    verbose_name = "choice for the shopper"
    verbose_name_plural = "choices for the shopper"
    autocomplete_fields = ("optiongroup",)


@admin.register(Product)
class ProductAdmin(ShopAdmin):
    form = ProductForm
    list_display = ("name", "category", "prices", "is_listed", "daily_limit")
    list_display_links = ("name",)
    list_filter = ("category", "is_listed", "is_featured")
    list_select_related = ("category",)
    search_fields = ("name", "summary")
    sortable_by = ("name", "category")
    prepopulated_fields = {"slug": ("name",)}
    readonly_fields = ("label",)
    inlines = (VariantBlocks, OptionGroupRows, PictureBlocks)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("name", "slug"),
                    ("category", "position"),
                    "summary",
                    "description",
                    ("keeping", "serving"),
                    ("is_listed", "is_featured"),
                    "tax_class",
                )
            },
        ),
        (
            "When it can be had",
            {
                "fields": (
                    "weekdays",
                    ("season_start", "season_end"),
                    ("lead_days", "order_until"),
                    ("daily_limit", "max_per_order"),
                ),
                "description": "A new daily limit counts for bake days that are opened "
                "from now on; days that are open have their own under Limits.",
            },
        ),
        ("Allergens", {"fields": ("label", "extra_allergens")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        return super().get_queryset(request).prefetch_related("variants")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Product], search_term: str
    ) -> tuple[QuerySet[Product], bool]:
        """By the words, or by how an article number begins, which an index knows."""
        sku = search_term.strip().lower()
        if sku:
            numbered = Variant.objects.filter(sku__startswith=sku)
            keys = list(numbered.values_list("product", flat=True)[: self.few + 1])
            if keys and len(keys) <= self.few:
                return queryset.filter(pk__in=keys), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="price")
    def prices(self, product: Product) -> str:
        cents = [variant.price_cents for variant in product.variants.all()]
        return f"{min(cents) / 100:.2f}" if cents else "no variant"

    @admin.display(description="as on the product page")
    def label(self, product: Product) -> str:
        return format_html_join("", "<p>{}</p>", _label_rows(product)) or "-"

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """503 if a picture has to wait; the rest of the form keeps what was typed."""
        files = [file for _, some in request.FILES.lists() for file in some]
        if self.has_change_permission(request):
            for file in files:
                keep(file)
        response = super().changeform_view(request, *args, **kwargs)
        if seconds := retry_seconds(files):
            response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
            response["Retry-After"] = str(seconds)
        return response

    def save_related(self, request: HttpRequest, form: Any, *rest: Any) -> None:
        super().save_related(request, form, *rest)
        refresh_product(request, form.instance)


def _label_rows(product: Product) -> list[tuple[str]]:
    return [
        (
            format_html(
                "<strong>{}</strong>: {}<br>Allergens: {}",
                variant,
                variant.label.get("ingredients", ""),
                ", ".join(words(variant.label.get("allergens", []))) or "none",
            ),
        )
        for variant in product.variants.all()
    ]


class ResourceUseRows(Rows):
    model = ResourceUse


@admin.register(Variant)
class VariantAdmin(ShopAdmin):
    """Only what a variant draws from oven and hands; the rest is with its product."""

    list_display = ("__str__", "sku", "price_cents", "is_active")
    search_fields = ("sku", "name", "product__name")
    sortable_by = ("sku",)
    ordering = ("product_id", "position", "pk")
    fields = ("product", "name", "sku")
    readonly_fields = ("product", "name", "sku")
    inlines = (ResourceUseRows,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        """With the product, which is part of a variant's name."""
        return super().get_queryset(request).select_related("product")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Variant], search_term: str
    ) -> tuple[QuerySet[Variant], bool]:
        """Names of products are looked for among the products: joined with them, each
        would be looked at once more for every variant, and once again to be counted."""
        found = queryset
        for word in search_term.split():
            named = Product.objects.filter(name__icontains=word).order_by()
            found = found.filter(
                Q(sku__icontains=word)
                | Q(name__icontains=word)
                | Q(product__in=named.values("pk"))
            )
        if found is queryset:
            return queryset, False
        few = self.by_key(queryset, found)
        return (found if few is None else few), False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
