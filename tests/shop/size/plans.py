"""How PostgreSQL would answer what a page asks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.db import connection

# Tables that grow with every order; others as the catalogue, the days, the people.
GROWING = {
    *("shop_order", "shop_orderline", "shop_orderevent", "shop_payment"),
    *("shop_paymentevent", "shop_draw"),
}
READS = ("SELECT", "WITH")


def seq_scans(statements: list[str]) -> list[tuple[str, str]]:
    """Tables that grow and are read from end to end, each with the statement."""
    return [
        (node["Relation Name"], statement)
        for statement in statements
        if statement.lstrip().startswith(READS)
        for node in _nodes(_plan(statement))
        if node["Node Type"] == "Seq Scan" and node["Relation Name"] in GROWING
    ]


def _plan(statement: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}", None)
        found = cursor.fetchone()[0]
    return (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)
