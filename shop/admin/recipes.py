"""Ingredients and recipes. What is saved here is on the product pages at once."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet
from django.http import HttpRequest

from shop.admin.base import Rows, ShopAdmin
from shop.admin.refresh import refresh_everything
from shop.models import Ingredient, Recipe, RecipeLine
from shop.recipes import RecipeBook, RecipeCycle


@admin.register(Ingredient)
class IngredientAdmin(ShopAdmin):
    list_display = ("name", "label_name", "allergen_codes", "diet")
    list_filter = ("diet",)
    search_fields = ("name", "label_name")
    fieldsets = (
        (None, {"fields": ("name", "label_name", "diet")}),
        ("Allergens", {"fields": ("allergens", "may_contain")}),
        (
            "Nutrition per 100 g",
            {
                "fields": (
                    ("energy_kcal", "fat_g", "saturates_g"),
                    ("carbohydrate_g", "sugars_g"),
                    ("protein_g", "salt_g"),
                )
            },
        ),
    )

    @admin.display(description="allergens")
    def allergen_codes(self, ingredient: Ingredient) -> str:
        return ", ".join(ingredient.allergens)

    def save_related(self, request: HttpRequest, form: Any, *rest: Any) -> None:
        super().save_related(request, form, *rest)
        refresh_everything(request)


class RecipeLineForms(BaseInlineFormSet):
    """Refuses a recipe that would be made of itself, and says by which way."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors) or self.instance.pk is None:
            return
        others = RecipeLine.objects.exclude(recipe=self.instance)
        lines = [*others.filter(part__isnull=False), *self._parts()]
        way = RecipeBook(Recipe.objects.all(), lines).find_cycle()
        if way:
            raise ValidationError(str(RecipeCycle(way)))

    def _parts(self) -> list[RecipeLine]:
        wanted = (form.cleaned_data for form in self.forms)
        return [
            RecipeLine(recipe=self.instance, part=facts["part"], grams=1)
            for facts in wanted
            if facts.get("part") and not facts.get("DELETE")
        ]


class RecipeLineRows(Rows):
    model = RecipeLine
    fk_name = "recipe"
    formset = RecipeLineForms
    fields = ("position", "ingredient", "part", "grams", "is_flour")
    autocomplete_fields = ("ingredient", "part")


@admin.register(Recipe)
class RecipeAdmin(ShopAdmin):
    list_display = ("name", "kind", "days_before", "mixer_max_g")
    list_filter = ("kind",)
    search_fields = ("name",)
    inlines = (RecipeLineRows,)

    def save_related(self, request: HttpRequest, form: Any, *rest: Any) -> None:
        super().save_related(request, form, *rest)
        refresh_everything(request)
