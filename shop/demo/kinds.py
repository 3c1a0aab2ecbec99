"""How the demo bakery's facts are written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time

EVERY_DAY = "Mon Tue Wed Thu Fri Sat Sun"
WEEKDAYS = EVERY_DAY.split()


@dataclass(frozen=True)
class DemoIngredient:
    """Bought in. Nutrition is per 100 g: energy in kcal, the rest in grams."""

    name: str
    label: str
    kcal: float = 0
    fat: float = 0
    saturates: float = 0
    carbohydrate: float = 0
    sugars: float = 0
    protein: float = 0
    salt: float = 0
    allergens: tuple[str, ...] = ()
    may_contain: tuple[str, ...] = ()
    diet: str = "vegan"
    is_flour: bool = False


@dataclass(frozen=True)
class DemoRecipe:
    """Grams by name, of ingredients or of other recipes, in the order of weighing."""

    name: str
    lines: Mapping[str, int]
    method: str = ""
    kind: str = "dough"
    days_before: int = 0
    loss_permille: int = 0
    mixer_max_g: int | None = None


@dataclass(frozen=True)
class Sold:
    """One way a product is sold: its price in cents, its weight, what goes into it."""

    sku: str
    name: str
    price_cents: int
    net_weight_g: int
    recipe: str
    dough_g: int
    pieces_per_tray: int
    pieces: int = 1
    # Units drawn from shared resources; the oven counts the space of one roll.
    draws: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class DemoProduct:
    slug: str
    name: str
    category: str
    summary: str
    description: str
    keeping: str
    serving: str
    alt: str
    sold: tuple[Sold, ...]
    tax: str = "Pastries and cakes"
    weekdays: str = EVERY_DAY
    season: tuple[str, str] = ("", "")
    lead_days: int = 1
    order_until: time | None = None
    daily_limit: int | None = None
    max_per_order: int = 20
    is_featured: bool = False
    options: tuple[str, ...] = ()
    extra_allergens: tuple[str, ...] = ()

    @property
    def weekday_bits(self) -> int:
        """As Product.weekdays: bit 0 is Monday."""
        return sum(1 << WEEKDAYS.index(day) for day in self.weekdays.split())
