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
        for node in scans(statement)
        if node["Node Type"] == "Seq Scan" and node["Relation Name"] in GROWING
    ]


def rows_read(statement: str, table: str) -> int:
    """How many rows of the table are read to answer it, those left out too."""
    return sum(
        round((node["Actual Rows"] + _left_out(node)) * node["Actual Loops"])
        for node in scans(statement, "ANALYZE, TIMING OFF, ")
        if node["Relation Name"] == table
    )


def scans(statement: str, options: str = "") -> list[dict[str, Any]]:
    """The places of its plan where a table is read."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN ({options}FORMAT JSON) {statement}", None)
        found = cursor.fetchone()[0]
    plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return [node for node in _nodes(plan) if "Relation Name" in node]


def _left_out(node: dict[str, Any]) -> int:
    why = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
    return sum(node.get(each, 0) for each in why)


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)


def prefer(**settings: str) -> None:
    """Settings of the planner, until the end of the test, which is rolled back."""
    with connection.cursor() as cursor:
        for name, value in settings.items():
            cursor.execute(f"SET LOCAL {name} = {value}")


def take_away(what: str, *, of: str) -> None:
    """An index, or a constraint of this table, until the end of the test."""
    is_constraint = what.startswith("CONSTRAINT")
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {of} DROP {what}" if is_constraint
                       else f"DROP {what}")  # fmt: skip
