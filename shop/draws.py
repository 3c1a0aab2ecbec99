"""What pieces draw from which limits, with their weights."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import chain

from django.db import connection

from shop.exceptions import ChooseASlot
from shop.models import BakeDay, Capacity, ResourceUse, Slot, Variant
from shop.remembered import find

# What is drawn from: ("product", id), ("resource", id) or ("slot", id).
Source = tuple[str, int]
# What one of a variant draws beside its product: variant id -> {resource id: units}.
Uses = dict[int, dict[int, int]]


def draws_for(
    pieces: Iterable[tuple[Variant, int]],
    bake_day: BakeDay,
    slot: Slot,
    *,
    turn: str = "",
) -> dict[int, int]:
    """Units that the pieces and one place in the slot draw: capacity id -> units.

    What has no limit on that day draws nothing. Raises ChooseASlot if the slot is not
    one of that day's, or has no limit of places. Two queries at most.

    With a `turn`, whoever names the same one goes on only when the transaction of the
    one before has ended; what the next statement reads is then as that has left it.
    Needs an open transaction. Does nothing on SQLite, where writers take turns anyway.
    """
    pieces = list(pieces)
    demand = demand_of(pieces, uses_of(variant.pk for variant, _ in pieces))
    demand["slot", slot.pk] = 1
    found = _limits_of(demand, bake_day, turn)
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


def keep_uses(uses: Uses) -> None:
    """Remember what somebody has read together with the variants. No query."""
    find("uses", uses, lambda missing: {pk: uses[pk] for pk in missing})


def _load_uses(variant_ids: list[int]) -> Uses:
    uses: Uses = {pk: {} for pk in variant_ids}
    for use in ResourceUse.objects.filter(variant__in=variant_ids):
        uses[use.variant_id][use.resource_id] = use.units
    return uses


def source_of(capacity: Capacity) -> Source:
    """What the limit limits."""
    return _source(capacity.product_id, capacity.resource_id, capacity.slot_id)


def _source(
    product_id: int | None, resource_id: int | None, slot_id: int | None
) -> Source:
    if slot_id:
        return ("slot", slot_id)
    return ("resource", resource_id) if resource_id else ("product", product_id)


def _limits_of(
    demand: Iterable[Source], bake_day: BakeDay, turn: str
) -> dict[Source, int]:
    """The limits of these sources on that day: capacity ids. One query."""
    ids: dict[str, list[int]] = {"product": [], "resource": [], "slot": []}
    for kind, pk in demand:
        ids[kind].append(pk)
    named = " OR ".join(
        f"{kind}_id IN ({', '.join(['%s'] * len(pks))})"
        for kind, pks in ids.items()
        if pks
    )
    values = [bake_day.pk, *chain(*ids.values())]
    statement = _LIMITS
    if turn and connection.vendor == "postgresql":
        statement, values = _LIMITS_IN_TURN, [turn, *values]
    with connection.cursor() as cursor:
        cursor.execute(statement + f"({named})", values)
        return {_source(*row): pk for pk, *row in cursor.fetchall()}


# A model for each limit would cost more than the question itself.
# "prepared" as in shop/compiled.py.
_LIMITS = """/* prepared */ SELECT id, product_id, resource_id, slot_id
FROM shop_capacity WHERE bake_day_id = %s AND """

# The lock is waited for in the statement that has to be asked anyway: which limits
# there are does not hang on it.
_LIMITS_IN_TURN = """/* prepared */ WITH turn AS MATERIALIZED (
    SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))
)
SELECT id, product_id, resource_id, slot_id
FROM turn, shop_capacity WHERE bake_day_id = %s AND """
