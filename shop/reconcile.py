"""Compares every limit, order and payment with what it comes from, and mends limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import replace

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from shop import drift, limits
from shop.drawn import GONE, draws_needed, wrong_draws_of_days
from shop.drift import Drift
from shop.exceptions import LimitReached
from shop.models import Capacity, Order
from shop.reserved import seen

KINDS = (
    drift.limit_drift,
    drift.order_draw_drift,
    drift.hold_draw_drift,
    drift.order_sum_drift,
    drift.payment_sum_drift,
    drift.payment_state_drift,
)


@seen()
def reconcile(*, fix: bool = False) -> list[Drift]:
    """Everything that does not agree; an empty list is a clean shop.

    With fix, each limit's `taken` becomes the sum of its draws and orders draw what
    they need, where the limit has room for it; what agrees afterwards comes back as
    fixed. It may run while the shop sells, also twice at once. What holds keep is not
    mended, since they expire in minutes and give back exactly what they drew; nor is
    money, which takes somebody who knows. Eleven statements, one more for each STEP
    rows of five kinds and at most two more for each AT_ONCE that are wrong (see
    shop/drift.py); with fix some for each row that is mended.
    """
    found = _find()
    if not (fix and found):
        return found
    _mend_limits(found)
    _mend_orders(found)
    # A limit may have room only now that the orders have given something back.
    _mend_limits(drift.limit_drift())
    left = {_key(each) for each in _find()}
    return [replace(each, fixed=_key(each) not in left) for each in found]


def _find() -> list[Drift]:
    return [each for kind in KINDS for each in kind()]


def _key(each: Drift) -> tuple[str, int, str]:
    return (each.kind, each.pk, each.what)


def _mend_limits(found: Iterable[Drift]) -> None:
    for each in list(found):
        if each.kind == "limit":
            limits.correct(each.pk, seen=each.stored)


def _mend_orders(found: Iterable[Drift]) -> None:
    for pk in sorted({each.pk for each in found if each.kind == "order draws"}):
        draw_anew(pk)


def draw_anew(order_id: int) -> bool:
    """Let the order draw what its lines and slot need today. All or nothing.

    False, and nothing has changed, if a limit has no room for it. Repeatable.
    """
    # The second error: a limit that counts less than this order gives back.
    with suppress(LimitReached, IntegrityError), transaction.atomic():
        order = Order.objects.select_for_update(of=("self",)).get(pk=order_id)
        needed = draws_needed(order)
        # All at once and in id order, so that no two servers wait for each other.
        rows = Capacity.objects.filter(Q(pk__in=needed) | Q(draws__order=order))
        list(rows.order_by("pk").select_for_update(of=("self",), no_key=True))
        limits.give_back(order=order)
        limits.take(needed, order=order)
        return True
    return False


def count_orders(new_limits: Collection[Capacity]) -> list[Capacity]:
    """Let orders draw from limits that are newer than they are.

    Where more is ordered already, the limit becomes what is ordered, so that nothing
    more is sold; these limits are returned. One query if the days have no orders.
    """
    days = {limit.bake_day_id for limit in new_limits}
    orders = Order.objects.filter(bake_day__in=days).exclude(state__in=GONE)
    if not orders.exists():
        return []
    limits_there = Capacity.objects.filter(bake_day__in=days).in_bulk()
    rows = [row for row in wrong_draws_of_days(days) if row.capacity_id in limits_there]
    missing: Counter[int] = Counter()
    for row in rows:
        missing[row.capacity_id] += row.needed - row.drawn
    raised = [pk for pk, units in sorted(missing.items()) if _make_room(pk, units)]
    for order_id in sorted({row.owner_id for row in rows}):
        draw_anew(order_id)
    return list(Capacity.objects.filter(pk__in=raised).order_by("pk"))


def _make_room(capacity_id: int, units: int) -> bool:
    """Raise the limit to what is taken and these units, if it is lower."""
    needed = F("taken") + units
    short = Capacity.objects.filter(pk=capacity_id, limit__lt=needed)
    return bool(short.filter(overbook_reason="").update(limit=needed))
