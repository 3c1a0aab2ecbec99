"""Makes as many products as are wanted: the demo bakery's own, varied in name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, product

from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify

from shop.demo.bakery import PRODUCTS
from shop.demo.bulk import advance_keys, last_keys, write_rows
from shop.models import (
    Product,
    ResourceUse,
    SearchGram,
    Variant,
)
from shop.search import weighted_grams

BATCH = 500
# Of so many products one is made in a limited number: each of these has a limit on
# every bake day.
LIMITED = 40
MANNERS = (
    *("Amber", "Bakers’", "Country", "Crisp", "Dark", "Early", "Festive", "Golden"),
    *("Harvest", "Heritage", "Little", "Market", "Mild", "Morning", "Old", "Quiet"),
    *("Rustic", "Slow", "Soft", "Spring", "Sunday", "Toasted", "Village", "Winter"),
)
FLAVOURS = (
    *("almond", "anise", "apple", "apricot", "barley", "bay", "caraway", "chestnut"),
    *("cider", "fennel", "fig", "ginger", "honey", "linseed", "malt", "oat", "orange"),
    *("pear", "pepper", "poppy", "rosemary", "saffron", "spelt", "thyme"),
)
# What a variation has of its own; all else is as with the product that it varies.
OWN = {"id", "name", "slug", "position", "is_featured", "daily_limit"}


def make_many_products(wanted: int, say=lambda words: None) -> int:
    """Make products until there are so many; how many were made.

    Repeatable. Each is one of the demo bakery's in another name: recipe, labels,
    options and what it draws from oven and hands are the same; there is no picture.
    Written in batches, each a transaction of its own.
    """
    there = Product.objects.count()
    patterns = _patterns()
    names = _free_names(patterns)
    for done in range(there, wanted, BATCH):
        say(f"products {done} of {wanted}")
        _write(list(islice(names, min(BATCH, wanted - done))))
    return max(0, wanted - there)


def _patterns() -> list[Product]:
    slugs = [each.slug for each in PRODUCTS]
    rows = Product.objects.filter(slug__in=slugs).select_related("category")
    return list(
        rows.prefetch_related("option_groups", "variants__resource_uses").order_by("pk")
    )


def _free_names(patterns: Sequence[Product]) -> Iterator[tuple[str, Product]]:
    """Names nobody has, each with the product it varies; neighbours are unlike."""
    taken = set(Product.objects.values_list("name", flat=True))
    for pair in product(MANNERS, FLAVOURS):
        for pattern in patterns:
            name = f"{' '.join(pair)} {pattern.name.lower()}"
            if name not in taken:
                yield name, pattern
    number = 2
    while True:
        for pattern in patterns:
            if (name := f"{pattern.name}, kind {number}") not in taken:
                yield name, pattern
        number += 1


def _write(named: list[tuple[str, Product]]) -> None:
    """One batch, all or nothing, with the letter triples that search finds it by."""
    choices = Product.option_groups.rel.through
    models = (Product, Variant, ResourceUse, choices, SearchGram)
    with transaction.atomic():
        product_key, variant_key, *_ = last_keys(*models)
        position = Product.objects.aggregate(last=Max("position"))["last"] or 0
        products: list[Product] = []
        variants: list[Variant] = []
        uses: list[tuple[int, int, int]] = []
        for name, pattern in named:
            product_key += 1
            position += 1
            made = _product(product_key, name, pattern, position)
            for old in pattern.variants.all():
                variant_key += 1
                new = _variant(variant_key, old, made)
                variants.append(new)
                made.active_variants += [new] if new.is_active else []
                uses += [
                    (use.resource_id, new.pk, use.units)
                    for use in old.resource_uses.all()
                ]
            products.append(made)
        _copy(Product, products)
        _copy(Variant, variants)
        write_rows(ResourceUse, ("resource_id", "variant_id", "units"), uses)
        write_rows(choices, ("product_id", "optiongroup_id"), _choices(products, named))
        write_rows(SearchGram, ("product_id", "gram", "weight"), _grams(products))
        advance_keys(*models)


def _product(key: int, name: str, pattern: Product, position: int) -> Product:
    facts = {
        field.attname: getattr(pattern, field.attname)
        for field in Product._meta.concrete_fields
        if field.name not in OWN
    }
    # The column is a small one; what is beyond stands where the last one stands.
    made = Product(
        pk=key,
        name=name,
        slug=f"{slugify(name)[:42].strip('-')}-{key}",
        position=min(position, 30_000),
        daily_limit=pattern.daily_limit if key % LIMITED == 0 else None,
        **facts,
    )
    made.category, made.active_variants = pattern.category, []
    return made


def _variant(key: int, pattern: Variant, product: Product) -> Variant:
    facts = {
        field.attname: getattr(pattern, field.attname)
        for field in Variant._meta.concrete_fields
        if field.name not in {"id", "sku", "product"}
    }
    return Variant(
        pk=key, product_id=product.pk, sku=f"{pattern.sku[:48]}-{key}", **facts
    )


def _copy(model: type[Product | Variant], rows: Sequence[Product | Variant]) -> None:
    columns = [field.attname for field in model._meta.concrete_fields]
    write_rows(model, columns, [[getattr(r, c) for c in columns] for r in rows])


def _choices(
    products: Sequence[Product], named: Sequence[tuple[str, Product]]
) -> list[tuple[int, int]]:
    return [
        (made.pk, group.pk)
        for made, (_, pattern) in zip(products, named, strict=True)
        for group in pattern.option_groups.all()
    ]


def _grams(products: Sequence[Product]) -> list[tuple[int, str, int]]:
    return [
        (made.pk, gram, weight)
        for made in products
        for gram, weight in weighted_grams(made).items()
    ]
