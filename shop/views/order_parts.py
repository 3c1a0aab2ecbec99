"""What an order's page tells beside the order, asked together with it.

Lines, events and payment were a question each, which cost more than they tell. As JSON
they are one value of the order's own row, on both databases.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, NamedTuple

from django.db.models import Expression, JSONField

_PARTS = """{array}(
    (SELECT {group}({array}(l.name, {json}(l.options), l.quantity, l.total_cents,
                            {json}(l.allergens)))
     FROM (SELECT * FROM shop_orderline WHERE order_id = shop_order.id ORDER BY id) l),
    (SELECT {group}({array}(e.to_state, e.at))
     FROM (SELECT * FROM shop_orderevent WHERE order_id = shop_order.id ORDER BY id) e),
    (SELECT {array}(p.state, p.amount_cents) FROM shop_payment p
     WHERE p.order_id = shop_order.id ORDER BY p.id DESC LIMIT 1)
)"""
_POSTGRESQL = _PARTS.format(array="jsonb_build_array", group="jsonb_agg", json="")
_SQLITE = _PARTS.format(array="json_array", group="json_group_array", json="json")

_LINE = ("name", "options", "quantity", "total_cents", "allergens")


class OrderParts(Expression):
    """For annotate() of orders; read_parts() reads what it gives."""

    def __init__(self) -> None:
        super().__init__(output_field=JSONField())

    def as_postgresql(self, *_: Any, **__: Any) -> tuple[str, list[Any]]:
        return _POSTGRESQL, []

    def as_sqlite(self, *_: Any, **__: Any) -> tuple[str, list[Any]]:
        return _SQLITE, []


class Parts(NamedTuple):
    """lines by the names of their fields; when each state was reached last; what is
    still to be paid of the newest payment, None if nothing is."""

    lines: list[dict[str, Any]]
    reached: dict[str, dt.datetime]
    due_cents: int | None


def read_parts(told: list[Any]) -> Parts:
    """What OrderParts has given of one order."""
    lines, events, payment = (_unpacked(part) for part in told)
    state, cents = payment or (None, None)
    return Parts(
        lines=[dict(zip(_LINE, line, strict=True)) for line in lines or ()],
        reached={to_state: _instant(at) for to_state, at in events or ()},
        due_cents=cents if state == "due" else None,
    )


def _unpacked(part: Any) -> Any:
    """SQLite forgets of what comes out of a subquery that it is JSON."""
    return json.loads(part) if isinstance(part, str) else part


def _instant(text: str) -> dt.datetime:
    """Both databases keep instants in UTC; SQLite does not say so."""
    found = dt.datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)
