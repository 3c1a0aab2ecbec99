"""What the bakery sells."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from shop.reserved import Shown, ShownByProduct

EVERY_DAY = 0b1111111

month_day = RegexValidator(
    r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$", "Write month and day as 12-24."
)


class Category(models.Model):
    name = models.CharField(max_length=60)
    slug = models.SlugField(unique=True)
    intro = models.CharField(max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    objects = Shown()

    class Meta:
        ordering = ["position", "name"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("shop:category", args=[self.slug])


class TaxClass(models.Model):
    """A rate of value-added tax. Prices contain it."""

    name = models.CharField(max_length=60, unique=True)
    permille = models.PositiveSmallIntegerField(help_text="135 means 13.5 %")

    objects = Shown()

    class Meta:
        verbose_name_plural = "tax classes"

    def __str__(self) -> str:
        return f"{self.name} ({self.permille / 10:g} %)"


class Product(models.Model):
    """Something the bakery sells, such as milk bread. Its variants carry the prices."""

    category = models.ForeignKey(Category, models.PROTECT, related_name="products")
    name = models.CharField(max_length=80)
    slug = models.SlugField(unique=True)
    summary = models.CharField(max_length=120, blank=True)
    description = models.TextField(blank=True)
    keeping = models.CharField(
        max_length=200, blank=True, help_text="how to keep it, and how long"
    )
    serving = models.CharField(max_length=200, blank=True)
    tax_class = models.ForeignKey(TaxClass, models.PROTECT, related_name="products")
    is_listed = models.BooleanField(default=True)
    is_featured = models.BooleanField(
        default=False, help_text="shown on the home page under “Today from the oven”"
    )
    position = models.PositiveSmallIntegerField(default=0)

    # When it can be had. shop/availability.py reads these; nothing else does.
    weekdays = models.PositiveSmallIntegerField(
        default=EVERY_DAY, help_text="bit 0 is Monday, bit 6 is Sunday"
    )
    season_start = models.CharField(
        max_length=5, blank=True, validators=[month_day], help_text="month-day: 11-15"
    )
    season_end = models.CharField(
        max_length=5, blank=True, validators=[month_day], help_text="month-day: 12-24"
    )
    lead_days = models.PositiveSmallIntegerField(
        default=1, help_text="working days of the bakery between order and pick-up"
    )
    order_until = models.TimeField(
        null=True,
        blank=True,
        help_text="time of day at which ordering closes, if not the bakery's own",
    )
    daily_limit = models.PositiveIntegerField(
        null=True, blank=True, help_text="pieces a bake day; empty means no limit"
    )
    max_per_order = models.PositiveSmallIntegerField(default=20)

    extra_allergens = models.JSONField(
        default=list,
        blank=True,
        help_text="sources to name beside those of the recipe, such as nuts.almond",
    )

    objects = Shown()

    class Meta:
        ordering = ["category__position", "position", "name"]
        indexes = [
            models.Index(
                fields=["category", "position", "name", "id"], name="product_shelf"
            ),
            models.Index(fields=["name"], name="product_by_name"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(weekdays__gte=1) & Q(weekdays__lte=EVERY_DAY),
                name="product_baked_on_some_weekday",
            ),
            models.CheckConstraint(
                condition=Q(season_start="", season_end="")
                | (~Q(season_start="") & ~Q(season_end="")),
                name="product_season_has_both_ends",
            ),
            models.CheckConstraint(
                condition=Q(max_per_order__gte=1) & Q(max_per_order__lte=99),
                name="product_max_per_order_in_bounds",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("shop:product", args=[self.slug])

    def is_baked_on(self, weekday: int) -> bool:
        """Is it baked on this weekday (0 is Monday)?"""
        return bool(self.weekdays >> weekday & 1)

    def is_in_season(self, month_and_day: str) -> bool:
        """Is it in season on this day, written as 12-24? A season may span New Year."""
        start, end = self.season_start, self.season_end
        if not start:
            return True
        if start <= end:
            return start <= month_and_day <= end
        return month_and_day >= start or month_and_day <= end


class Variant(models.Model):
    """One way a product is sold: a size, a weight. What the basket and orders name."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="variants")
    sku = models.SlugField(max_length=60, unique=True)
    name = models.CharField(
        max_length=60, blank=True, help_text="empty if there is only one"
    )
    price_cents = models.PositiveIntegerField(help_text="with tax, in cents")
    net_weight_g = models.PositiveIntegerField(
        null=True, blank=True, help_text="weight as sold, for the price per kg"
    )
    recipe = models.ForeignKey(
        "shop.Recipe",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="variants",
        help_text="empty for a box whose pieces the shopper picks",
    )
    dough_g = models.PositiveIntegerField(
        default=0, help_text="grams of the recipe that go into one piece"
    )
    pieces_per_tray = models.PositiveSmallIntegerField(default=12)
    pieces = models.PositiveSmallIntegerField(
        default=1, help_text="how many of the product's daily pieces one of it takes"
    )
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    label = models.JSONField(
        default=dict,
        editable=False,
        help_text="ingredients, allergens and nutrition, worked out from the recipe",
    )

    objects = ShownByProduct()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "name"], name="variant_name_once_per_product"
            ),
            models.CheckConstraint(
                condition=Q(recipe__isnull=True) | Q(dough_g__gte=1),
                name="variant_with_recipe_has_dough",
            ),
            models.CheckConstraint(
                condition=Q(pieces_per_tray__gte=1) & Q(pieces__gte=1),
                name="variant_pieces_positive",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product}, {self.name}" if self.name else str(self.product)

    @property
    def cents_per_kg(self) -> int | None:
        """Price of a kilogram in cents, rounded to the nearest; None without weight."""
        if not self.net_weight_g:
            return None
        return round(self.price_cents * 1000 / self.net_weight_g)


class OptionGroup(models.Model):
    """What the shopper decides about a product: sliced or not, a message, a box."""

    class Kind(models.TextChoices):
        CHOICE = "choice", "a choice of options"
        TEXT = "text", "a text, such as a message on a cake"
        VARIANTS = "variants", "pieces that the shopper picks for a box"

    products = models.ManyToManyField(Product, related_name="option_groups")
    name = models.CharField(max_length=60)
    slug = models.SlugField(unique=True)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.CHOICE)
    help = models.CharField(max_length=120, blank=True)
    min_choices = models.PositiveSmallIntegerField(default=0)
    max_choices = models.PositiveSmallIntegerField(default=1)
    max_length = models.PositiveSmallIntegerField(
        default=0, help_text="letters of a text"
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(max_choices__gte=F("min_choices")),
                name="optiongroup_max_not_below_min",
            ),
            models.CheckConstraint(
                condition=~Q(kind="text") | Q(max_length__gte=1),
                name="optiongroup_text_has_length",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Option(models.Model):
    """One of the things to choose from in a group."""

    group = models.ForeignKey(OptionGroup, models.CASCADE, related_name="options")
    name = models.CharField(max_length=60)
    slug = models.SlugField()
    price_cents = models.IntegerField(
        default=0, help_text="what it adds to the price, in cents; may be below zero"
    )
    variant = models.ForeignKey(
        Variant, models.PROTECT, null=True, blank=True, related_name="+"
    )
    extra_allergens = models.JSONField(default=list, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "slug"], name="option_slug_once_per_group"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Picture(models.Model):
    """A product's picture. The files lie in the shared storage under its digest."""

    product = models.ForeignKey(
        Product, models.CASCADE, null=True, blank=True, related_name="pictures"
    )
    slot_name = models.SlugField(
        blank=True, help_text="a place in the shop's own pages, such as hero"
    )
    alt = models.CharField(max_length=200)
    credit = models.CharField(max_length=200, blank=True)
    digest = models.CharField(max_length=32, help_text="of the master's bytes")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    colour = models.CharField(max_length=7, help_text="dominant colour: #d8b080")
    position = models.PositiveSmallIntegerField(default=0)
    has_all_formats = models.BooleanField(
        default=True,
        db_default=True,  # servers of the release before make them all at once
        help_text="whether the files in the smaller formats are there too",
    )

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(product__isnull=False) | ~Q(slot_name=""),
                name="picture_has_a_place",
            ),
        ]

    def __str__(self) -> str:
        return self.alt


class SearchGram(models.Model):
    """Three letters in a row of a product's words; search counts how many agree."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="grams")
    gram = models.CharField(max_length=3)
    weight = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["gram", "product"], name="searchgram_once"),
        ]
        indexes = [
            # With the weight, so that search need not look into the table itself: a
            # word's triples are in thousands of products, all over it.
            models.Index(fields=["gram", "product", "weight"], name="searchgram_sum"),
        ]

    def __str__(self) -> str:
        return self.gram
