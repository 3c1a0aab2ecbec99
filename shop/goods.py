"""What baskets name: variants, what is asked about products, their pictures.

Inside remembered.remembering() each is asked for once; see there. The rows are shared
and must not be changed.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Prefetch, prefetch_related_objects

from shop.models import Option, OptionGroup, Picture, Slot, Variant
from shop.remembered import find


def variants_named(skus: Iterable[str]) -> dict[str, Variant]:
    """By sku, with product and tax class, on sale or not. One query at most."""
    return find("variants", skus, _load_variants)


def groups_of(product_ids: Iterable[int]) -> dict[int, list[OptionGroup]]:
    """What is asked about each product, in order, with all options, on offer or not.

    The options' variants and their products are at hand. Two queries at most.
    """
    return find("groups", product_ids, _load_groups)


def pictures_of(product_ids: Iterable[int]) -> dict[int, Picture | None]:
    """The first picture of each product. One query at most."""
    return find("pictures", product_ids, _load_pictures)


def find_slot(slot_id: int) -> Slot | None:
    """With its bake day and place; None if it is gone. One query at most."""
    return slots_numbered([slot_id]).get(slot_id)


def slots_numbered(ids: Iterable[int]) -> dict[int, Slot]:
    """By number, with bake day and place. One query at most."""
    return find("slots", ids, _load_slots)


def _load_variants(skus: list[str]) -> dict[str, Variant]:
    rows = Variant.objects.select_related("product__tax_class").filter(sku__in=skus)
    return {variant.sku: variant for variant in rows}


def _load_groups(product_ids: list[int]) -> dict[int, list[OptionGroup]]:
    asked = (
        OptionGroup.products.through.objects.select_related("optiongroup")
        .filter(product__in=product_ids)
        .order_by("optiongroup")
    )
    found: dict[int, list[OptionGroup]] = {pk: [] for pk in product_ids}
    groups: dict[int, OptionGroup] = {}
    for row in asked:
        group = groups.setdefault(row.optiongroup_id, row.optiongroup)
        found[row.product_id].append(group)
    options = Option.objects.select_related("variant__product")
    prefetch_related_objects(
        list(groups.values()), Prefetch("options", queryset=options)
    )
    return found


def _load_pictures(product_ids: list[int]) -> dict[int, Picture | None]:
    rows = Picture.objects.filter(product__in=product_ids)
    last_first = rows.order_by("-position", "-pk")
    found: dict[int, Picture | None] = dict.fromkeys(product_ids)
    return found | {picture.product_id: picture for picture in last_first}


def _load_slots(ids: list[int]) -> dict[int, Slot]:
    rows = Slot.objects.select_related("bake_day", "place")
    return {slot.pk: slot for slot in rows.filter(pk__in=ids)}
