"""Compares every limit, order and payment with what it comes from, and mends limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from django.db import transaction
from django.db.models import Q

from shop import drift, limits
from shop.drift import Drift
from shop.exceptions import LimitReached
from shop.models import Capacity, Order

KINDS = (
    drift.order_draw_drift,
    drift.hold_draw_drift,
    drift.limit_drift,
    drift.order_sum_drift,
    drift.payment_sum_drift,
    drift.payment_state_drift,
)


def reconcile(*, fix: bool = False) -> list[Drift]:
    """Everything that does not agree; an empty list is a clean shop.

    With fix, orders draw what they need and each limit's `taken` becomes the sum of
    its draws, where the limit has room for it; such rows come back as fixed. It may run
    while the shop sells, also twice at once. What holds keep is not mended, since they
    expire in minutes and give back exactly what they drew; nor is money, which takes
    somebody who knows. Six statements, and one or two for each kind that is found.
    """
    found: list[Drift] = []
    if fix:
        # Limits first: an order can only draw from a limit that counts right.
        found += _fixed_limits()
        found += _fixed_orders()
    unfixed = [each for kind in KINDS for each in kind()]
    known = {(each.kind, each.pk, each.what) for each in found if not each.fixed}
    return found + [e for e in unfixed if (e.kind, e.pk, e.what) not in known]
