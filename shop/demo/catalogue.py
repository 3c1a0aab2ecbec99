"""Makes the demo bakery's categories and products, with all that belongs to them."""

from __future__ import annotations

from collections import Counter

from shop.demo.bakery import CATEGORIES, OPTION_GROUPS, PRODUCTS, TAX_CLASSES
from shop.demo.counter import make_resources
from shop.demo.kinds import DemoProduct
from shop.models import (
    Category,
    Option,
    OptionGroup,
    Product,
    Recipe,
    Resource,
    ResourceUse,
    TaxClass,
    Variant,
)


def make_products() -> Counter[str]:
    """Make the missing products with their variants; the recipes must be there.

    A product that is there keeps its variants, limits and options as they are. Needs
    an open transaction.
    """
    categories = _make_categories()
    taxes = {
        name: TaxClass.objects.get_or_create(name=name, defaults={"permille": permille})
        for name, permille in TAX_CLASSES.items()
    }
    resources, groups = make_resources(), _make_option_groups()
    recipes = {recipe.name: recipe for recipe in Recipe.objects.all()}
    there = set(Product.objects.values_list("slug", flat=True))
    missing = [
        (position, demo)
        for position, demo in enumerate(PRODUCTS)
        if demo.slug not in there
    ]
    for position, demo in missing:
        product = _make_product(
            demo, categories[demo.category], taxes[demo.tax][0], position
        )
        product.option_groups.set(groups[slug] for slug in demo.options)
        _make_variants(product, demo, recipes, resources)
    return Counter(products=len(missing))


def _make_categories() -> dict[str, Category]:
    return {
        slug: Category.objects.get_or_create(
            slug=slug, defaults={"name": name, "intro": intro, "position": position}
        )[0]
        for position, (slug, (name, intro)) in enumerate(CATEGORIES.items())
    }


def _make_option_groups() -> dict[str, OptionGroup]:
    groups = {}
    for position, (slug, demo) in enumerate(OPTION_GROUPS.items()):
        facts = {key: value for key, value in demo.items() if key != "options"}
        group, is_new = OptionGroup.objects.get_or_create(
            slug=slug, defaults=facts | {"position": position}
        )
        if is_new:
            Option.objects.bulk_create(
                Option(group=group, slug=option, name=name, price_cents=cents,
                       position=at)
                for at, (option, name, cents) in enumerate(demo["options"])
            )  # fmt: skip
        groups[slug] = group
    return groups


def _make_product(
    demo: DemoProduct, category: Category, tax_class: TaxClass, position: int
) -> Product:
    return Product.objects.create(
        slug=demo.slug,
        name=demo.name,
        category=category,
        summary=demo.summary,
        description=demo.description,
        keeping=demo.keeping,
        serving=demo.serving,
        tax_class=tax_class,
        is_featured=demo.is_featured,
        position=position,
        weekdays=demo.weekday_bits,
        season_start=demo.season[0],
        season_end=demo.season[1],
        lead_days=demo.lead_days,
        order_until=demo.order_until,
        daily_limit=demo.daily_limit,
        max_per_order=demo.max_per_order,
        extra_allergens=list(demo.extra_allergens),
    )


def _make_variants(
    product: Product,
    demo: DemoProduct,
    recipes: dict[str, Recipe],
    resources: dict[str, Resource],
) -> None:
    for position, sold in enumerate(demo.sold):
        variant = Variant.objects.create(
            product=product,
            sku=sold.sku,
            name=sold.name,
            price_cents=sold.price_cents,
            net_weight_g=sold.net_weight_g,
            recipe=recipes[sold.recipe],
            dough_g=sold.dough_g,
            pieces_per_tray=sold.pieces_per_tray,
            pieces=sold.pieces,
            position=position,
        )
        ResourceUse.objects.bulk_create(
            ResourceUse(resource=resources[name], variant=variant, units=units)
            for name, units in sold.draws.items()
        )
