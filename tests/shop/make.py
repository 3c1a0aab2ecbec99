"""Makes rows for tests: say only what the test is about, the rest is ordinary.

Whatever a row needs is made with it (a slot makes its bake day and its limit). Names,
addresses and codes are numbered, so that nothing collides by chance.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Model
from django.utils import timezone

from shop.models import (
    BakeDay,
    Capacity,
    Category,
    Customer,
    DayException,
    Draw,
    Hold,
    Ingredient,
    OpeningRule,
    Order,
    OrderLine,
    Payment,
    Place,
    Product,
    Recipe,
    RecipeLine,
    Resource,
    ResourceUse,
    Slot,
    TaxClass,
    User,
    Variant,
)

_numbers = itertools.count(1)

SEVEN = dt.time(7)
SIX_PM = dt.time(18)


def number() -> int:
    """A number that no other row of this run has."""
    return next(_numbers)


def day_from_today(days: int) -> dt.date:
    """The date in so many days, in the bakery's zone."""
    return timezone.localdate() + dt.timedelta(days=days)


def the(model: type[Model], make: Callable[[], Any]) -> Any:
    """The first row of its kind, or a new one: tests about one day need only one."""
    return model.objects.order_by("pk").first() or make()


def at(day: dt.date, time: dt.time = SEVEN) -> dt.datetime:
    """That wall time on that date in the bakery's zone."""
    return dt.datetime.combine(day, time, tzinfo=timezone.get_default_timezone())


# --- calendar ----------------------------------------------------------------------


def make_place(
    *,
    name: str = "",
    weekdays: Iterable[int] = range(7),
    opens: dt.time = SEVEN,
    closes: dt.time = SIX_PM,
    **facts: Any,
) -> Place:
    """A counter, open on these weekdays (0 is Monday); without any: no rules."""
    name = name or f"Counter {number()}"
    facts.setdefault("slug", name.lower().replace(" ", "-"))
    place = Place.objects.create(name=name, **facts)
    place.refresh_from_db()  # order_until as a time, not as the default's text
    for weekday in weekdays:
        make_opening_rule(place=place, weekday=weekday, opens=opens, closes=closes)
    return place


def make_opening_rule(
    *,
    place: Place,
    weekday: int = 0,
    opens: dt.time = SEVEN,
    closes: dt.time = SIX_PM,
    **facts: Any,
) -> OpeningRule:
    return OpeningRule.objects.create(
        place=place, weekday=weekday, opens=opens, closes=closes, **facts
    )


def make_exception(
    *, date: dt.date, reason: str = "Stocktaking", **facts: Any
) -> DayException:
    """A closed day, for every place; with opens and closes: other hours."""
    return DayException.objects.create(date=date, reason=reason, **facts)


def make_bake_day(*, date: dt.date | None = None, **facts: Any) -> BakeDay:
    """In three days unless said; orders close at 18:00 on the day before."""
    date = date or day_from_today(3)
    facts.setdefault("cut_off", at(date - dt.timedelta(days=1), SIX_PM))
    return BakeDay.objects.create(date=date, **facts)


def make_slot(
    *,
    bake_day: BakeDay | None = None,
    place: Place | None = None,
    starts: dt.time | None = None,
    minutes: int = 30,
    places: int | None = 8,
    taken: int = 0,
) -> Slot:
    """A slot with its limit of places; places=None makes no limit.

    It starts at 8:00, or when the last one of that day and place ends.
    """
    bake_day = bake_day or the(BakeDay, make_bake_day)
    place = place or the(Place, make_place)
    last = Slot.objects.filter(bake_day=bake_day, place=place).last()
    starts = starts or (last.ends if last else dt.time(8))
    ends = dt.datetime.combine(bake_day.date, starts) + dt.timedelta(minutes=minutes)
    slot = Slot.objects.create(
        bake_day=bake_day, place=place, starts=starts, ends=ends.time()
    )
    if places is not None:
        make_capacity(bake_day=bake_day, slot=slot, limit=places, taken=taken)
    return slot


# --- catalogue ---------------------------------------------------------------------


def make_category(**facts: Any) -> Category:
    nth = number()
    facts.setdefault("name", f"Breads {nth}")
    facts.setdefault("slug", f"breads-{nth}")
    return Category.objects.create(**facts)


def make_tax_class(*, permille: int = 135, **facts: Any) -> TaxClass:
    facts.setdefault("name", f"Tax {number()}")
    return TaxClass.objects.create(permille=permille, **facts)


def make_product(
    *, name: str = "", price_cents: int = 450, variant: bool = True, **facts: Any
) -> Product:
    """A product with one variant at this price, or with none (variant=False)."""
    nth = number()
    facts.setdefault("name", name or f"Milk bread {nth}")
    facts.setdefault("slug", f"product-{nth}")
    facts.setdefault("category", the(Category, make_category))
    facts.setdefault("tax_class", the(TaxClass, make_tax_class))
    product = Product.objects.create(**facts)
    if variant:
        make_variant(product=product, price_cents=price_cents)
    return product


def make_variant(
    *, product: Product | None = None, price_cents: int = 450, **facts: Any
) -> Variant:
    """One more way to buy the product; a product of its own if none is given."""
    product = product or make_product(variant=False)
    nth = number()
    facts.setdefault("sku", f"sku-{nth}")
    facts.setdefault("name", f"size {nth}" if product.variants.exists() else "")
    return Variant.objects.create(product=product, price_cents=price_cents, **facts)


def make_ingredient(**facts: Any) -> Ingredient:
    facts.setdefault("name", f"Ingredient {number()}")
    return Ingredient.objects.create(**facts)


def make_recipe(
    *, parts: dict[Ingredient | Recipe, int] | None = None, **facts: Any
) -> Recipe:
    """A recipe of these ingredients and recipes, each with its grams."""
    facts.setdefault("name", f"Recipe {number()}")
    recipe = Recipe.objects.create(**facts)
    for part, grams in (parts or {}).items():
        kind = "part" if isinstance(part, Recipe) else "ingredient"
        RecipeLine.objects.create(recipe=recipe, grams=grams, **{kind: part})
    return recipe


# --- limits ------------------------------------------------------------------------


def make_capacity(
    *, bake_day: BakeDay | None = None, limit: int = 10, **facts: Any
) -> Capacity:
    """A limit of one thing on a day; of a product of its own if nothing is named."""
    if not facts.keys() & {"product", "resource", "slot"}:
        facts["product"] = make_product()
    if bake_day is None:
        slot = facts.get("slot")
        bake_day = slot.bake_day if slot else the(BakeDay, make_bake_day)
    return Capacity.objects.create(bake_day=bake_day, limit=limit, **facts)


def make_resource(
    *, daily_limit: int = 10, uses: dict[Variant, int] | None = None, **facts: Any
) -> Resource:
    """Something shared, and how many units one of each variant draws from it."""
    facts.setdefault("name", f"Oven {number()}")
    facts.setdefault("unit", "tray")
    resource = Resource.objects.create(daily_limit=daily_limit, **facts)
    for variant, units in (uses or {}).items():
        ResourceUse.objects.create(resource=resource, variant=variant, units=units)
    return resource


def make_hold(*, slot: Slot | None = None, minutes: int = 10, **facts: Any) -> Hold:
    """A hold that has drawn nothing yet; minutes below zero make an expired one."""
    facts.setdefault("basket_token", f"basket-{number()}")
    facts.setdefault("basket_version", 1)
    facts.setdefault("network", "198.51.100.0/24")
    facts.setdefault("expires_at", timezone.now() + dt.timedelta(minutes=minutes))
    return Hold.objects.create(slot=slot or the(Slot, make_slot), **facts)


def make_draw(*, capacity: Capacity, units: int = 1, **owner: Any) -> Draw:
    """A draw and its units on the limit, written directly: no rule is asked."""
    capacity.taken += units
    capacity.save(update_fields=["taken"])
    return Draw.objects.create(capacity=capacity, units=units, **owner)


# --- orders ------------------------------------------------------------------------


def make_order(
    *, slot: Slot | None = None, lines: dict[Variant, int] | None = None, **facts: Any
) -> Order:
    """An order with these lines at the variants' prices, written directly.

    Nothing is drawn from the limits and no mail is queued; whoever needs a real order
    places one with shop.checkout.
    """
    slot = slot or the(Slot, make_slot)
    lines = {make_variant(): 1} if lines is None else lines
    nth = number()
    totals = {v: v.price_cents * quantity for v, quantity in lines.items()}
    facts.setdefault("code", f"T{nth:05d}")
    facts.setdefault("secret", f"secret-{nth}")
    facts.setdefault("basket_token", f"basket-{nth}")
    facts.setdefault("name", "Mrs Ssoni")
    facts.setdefault("email", f"shopper-{nth}@example.com")
    facts.setdefault("currency", "EUR")
    facts.setdefault("total_cents", sum(totals.values()))
    facts.setdefault("tax_cents", 0)
    order = Order.objects.create(slot=slot, bake_day=slot.bake_day, **facts)
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            variant=variant,
            name=str(variant),
            quantity=quantity,
            unit_price_cents=variant.price_cents,
            total_cents=totals[variant],
            tax_permille=0,
            tax_cents=0,
        )
        for variant, quantity in lines.items()
    )
    return order


def make_payment(*, order: Order, **facts: Any) -> Payment:
    facts.setdefault("method", "at_pickup")
    facts.setdefault("amount_cents", order.total_cents)
    return Payment.objects.create(order=order, **facts)


# --- people ------------------------------------------------------------------------


def make_user(*, email: str = "", password: str = "milk bread at dawn", **facts: Any):
    return User.objects.create_user(
        email or f"user-{number()}@bakery.example", password, **facts
    )


def make_customer(**facts: Any) -> Customer:
    facts.setdefault("email", f"customer-{number()}@example.com")
    return Customer.objects.create(**facts)
