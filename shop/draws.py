"""What pieces draw from which limits, with their weights."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping

from django.db.models import Q, Sum

from shop.exceptions import ChooseASlot
from shop.models import BakeDay, Capacity, Draw, Hold, ResourceUse, Slot, Variant
from shop.remembered import find

# What is drawn from: ("product", id), ("resource", id) or ("slot", id).
Source = tuple[str, int]
# What one of a variant draws beside its product: variant id -> {resource id: units}.
Uses = dict[int, dict[int, int]]


def draws_for(
    pieces: Iterable[tuple[Variant, int]], bake_day: BakeDay, slot: Slot
) -> dict[int, int]:
    """Units that the pieces and one place in the slot draw: capacity id -> units.

    What has no limit on that day draws nothing. Raises ChooseASlot if the slot is not
    one of that day's, or has no limit of places. Two queries.
    """
    pieces = list(pieces)
    demand = demand_of(pieces, uses_of(variant.pk for variant, _ in pieces))
    demand["slot", slot.pk] = 1
    capacities = Capacity.objects.filter(named_in(demand), bake_day=bake_day)
    found = {source_of(capacity): capacity.pk for capacity in capacities}
    if ("slot", slot.pk) not in found:
        raise ChooseASlot("Please choose a pick-up time.")
    return {found[source]: units for source, units in demand.items() if source in found}


def demand_of(pieces: Iterable[tuple[Variant, int]], uses: Uses) -> Counter[Source]:
    """Units that the pieces draw from each product and resource, summed."""
    demand: Counter[Source] = Counter()
    for variant, quantity in pieces:
        demand["product", variant.product_id] += quantity * variant.pieces
        for resource_id, units in uses.get(variant.pk, {}).items():
            demand["resource", resource_id] += quantity * units
    return demand


def uses_of(variant_ids: Iterable[int]) -> Uses:
    """What one of each of these variants draws from shared resources. One query at
    most; see shop/remembered.py."""
    return find("uses", variant_ids, _load_uses)


def _load_uses(variant_ids: list[int]) -> Uses:
    uses: Uses = {pk: {} for pk in variant_ids}
    for use in ResourceUse.objects.filter(variant__in=variant_ids):
        uses[use.variant_id][use.resource_id] = use.units
    return uses


def source_of(capacity: Capacity) -> Source:
    """What the limit limits."""
    if capacity.slot_id:
        return ("slot", capacity.slot_id)
    if capacity.resource_id:
        return ("resource", capacity.resource_id)
    return ("product", capacity.product_id)


def named_in(demand: Mapping[Source, int]) -> Q:
    """A condition on Capacity: the limits of these sources, on whatever day."""
    ids: dict[str, list[int]] = {"product": [], "resource": [], "slot": []}
    for kind, pk in demand:
        ids[kind].append(pk)
    return (
        Q(product__in=ids["product"])
        | Q(resource__in=ids["resource"])
        | Q(slot__in=ids["slot"])
    )


def coming_back(
    capacities: Q, *, now: dt.datetime, hold: Hold | None = None
) -> dict[int, int]:
    """Units that count as taken and can be had all the same: capacity id -> units.

    Those are the draws of expired holds, which a checkout that needs them sweeps, and
    those of the shopper's own hold. `capacities` is a condition on Draw. One query.
    """
    theirs = Q(hold__expires_at__lte=now)
    if hold is not None:
        theirs |= Q(hold=hold.pk)
    draws = Draw.objects.filter(capacities, theirs).values_list("capacity")
    return dict(draws.annotate(Sum("units")))
