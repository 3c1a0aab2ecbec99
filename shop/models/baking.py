"""What things are made of."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Ingredient(models.Model):
    """Something bought in. Nutrition is per 100 g, as on the supplier's sheet."""

    class Diet(models.TextChoices):
        VEGAN = "vegan"
        VEGETARIAN = "vegetarian"
        NEITHER = "neither", "neither vegan nor vegetarian"

    name = models.CharField(max_length=80, unique=True)
    label_name = models.CharField(
        max_length=120, blank=True, help_text="as in the list of ingredients"
    )
    allergens = models.JSONField(
        default=list, blank=True, help_text="specific sources, such as gluten.rye"
    )
    may_contain = models.JSONField(default=list, blank=True)
    diet = models.CharField(max_length=10, choices=Diet, default=Diet.VEGAN)
    energy_kcal = models.DecimalField(max_digits=6, decimal_places=1, default=0)
    fat_g = models.DecimalField(max_digits=5, decimal_places=1, default=0)
    saturates_g = models.DecimalField(max_digits=5, decimal_places=1, default=0)
    carbohydrate_g = models.DecimalField(max_digits=5, decimal_places=1, default=0)
    sugars_g = models.DecimalField(max_digits=5, decimal_places=1, default=0)
    protein_g = models.DecimalField(max_digits=5, decimal_places=1, default=0)
    salt_g = models.DecimalField(max_digits=5, decimal_places=2, default=0)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Recipe(models.Model):
    """A dough, a filling, a starter: ingredients and other recipes by weight."""

    class Kind(models.TextChoices):
        DOUGH = "dough"
        PRE_DOUGH = "pre-dough"
        FILLING = "filling", "filling or topping"
        PRODUCT = "product", "put together from other recipes"

    name = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.DOUGH)
    days_before = models.PositiveSmallIntegerField(
        default=0, help_text="how many days before the recipe that uses it is made"
    )
    loss_permille = models.PositiveSmallIntegerField(
        default=0, help_text="weight lost in making it: 20 means 2 %"
    )
    mixer_max_g = models.PositiveIntegerField(
        null=True, blank=True, help_text="most that is mixed at once"
    )
    method = models.TextField(blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(loss_permille__lt=1000), name="recipe_loss_below_all"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RecipeLine(models.Model):
    """So many grams of an ingredient, or of another recipe."""

    recipe = models.ForeignKey(Recipe, models.CASCADE, related_name="lines")
    ingredient = models.ForeignKey(
        Ingredient, models.PROTECT, null=True, blank=True, related_name="recipe_lines"
    )
    part = models.ForeignKey(
        Recipe,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="used_in",
        help_text="another recipe instead of an ingredient",
    )
    grams = models.PositiveIntegerField()
    is_flour = models.BooleanField(
        default=False, help_text="counts as flour for the baker's percentages"
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ingredient__isnull=True, part__isnull=False)
                | Q(ingredient__isnull=False, part__isnull=True),
                name="recipeline_ingredient_or_part",
            ),
            models.CheckConstraint(
                condition=Q(grams__gte=1), name="recipeline_weighs_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grams} g {self.ingredient or self.part}"
