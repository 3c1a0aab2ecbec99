"""What came of ordering again, short enough to travel in a cookie."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from shop.models import Order
from shop.order_again import Again, Remark

LONGEST = 1800  # characters of JSON; signed and encoded they grow by a half


def again_facts(order: Order, came: Again) -> dict[str, Any]:
    """For tell(): counts, then as many remarks as fit, what is missing first."""
    facts: dict[str, Any] = {
        "code": order.code,
        "lines": came.lines,
        "pieces": came.pieces,
        "missing": [],
        "changed": [],
        "more": 0,
    }
    _fill(facts, "missing", came.missing)
    _fill(facts, "changed", came.changed)
    return facts


def _fill(facts: dict[str, Any], key: str, remarks: Iterable[Remark]) -> None:
    for remark in remarks:
        facts[key].append([remark.sentence, remark.href])
        if len(json.dumps(facts)) > LONGEST:
            facts[key].pop()
            facts["more"] += 1
