"""Finds numbers that do not agree with the orders, holds and payments they come from.

Each kind is one aggregating statement, so it judges one moment of the database, and
only what is wrong leaves it: the size of the tables does not matter to this process.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import connection
from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce

from shop.calendar import day_words
from shop.models import Capacity, Hold, Order, Payment

GONE = (Order.State.CANCELLED, Order.State.EXPIRED)
OWED = (Payment.State.DUE, Payment.State.PAID)


@dataclass(frozen=True)
class Drift:
    """One number that is not what it should be.

    `pk` is that of the row it is about: the limit, order, hold or payment. `stored` is
    the number that is kept, `actual` the one worked out anew.
    """

    kind: str
    pk: int
    what: str
    stored: int
    actual: int
    fixed: bool = False


def limit_drift() -> Iterator[Drift]:
    """Limits whose `taken` is not the sum of their draws."""
    drawn = Coalesce(Sum("draws__units"), 0)
    wrong = _named(Capacity.objects.annotate(drawn=drawn).exclude(taken=F("drawn")))
    for limit in wrong.order_by("pk").iterator(chunk_size=500):
        yield Drift("limit", limit.pk, _words(limit), limit.taken, limit.drawn)


def order_draw_drift() -> Iterator[Drift]:
    """Orders that have drawn something else than their lines and slot need.

    The lines are weighed as the catalogue weighs today; an order that is gone draws
    nothing. What had no limit when it was ordered and has one now shows here as well.
    """
    rows = _run(order_draws_sql("HAVING sum(drawn) <> sum(units)"), GONE)
    codes = dict(Order.objects.filter(pk__in=_firsts(rows)).values_list("pk", "code"))
    yield from _draw_drift("order draws", rows, codes)


def hold_draw_drift() -> Iterator[Drift]:
    """Holds that keep something else than one place of their slot."""
    rows = _run(_HOLD_DRAWS, ())
    names = {pk: f"hold {pk}" for pk in _firsts(rows)}
    yield from _draw_drift("hold draws", rows, names)


def order_sum_drift() -> Iterator[Drift]:
    """Orders whose total or tax is not the sum of their lines."""
    sums = Order.objects.annotate(
        lines_total=Coalesce(Sum("lines__total_cents"), 0),
        lines_tax=Coalesce(Sum("lines__tax_cents"), 0),
    )
    wrong = sums.exclude(total_cents=F("lines_total"), tax_cents=F("lines_tax"))
    for order in wrong.order_by("pk").iterator(chunk_size=500):
        for kind, stored, actual in [
            ("order total", order.total_cents, order.lines_total),
            ("order tax", order.tax_cents, order.lines_tax),
        ]:
            if stored != actual:
                yield Drift(kind, order.pk, order.code, stored, actual)


def payment_sum_drift() -> Iterator[Drift]:
    """Orders whose payments, due or paid, are not their total."""
    asked = Coalesce(
        Sum("payments__amount_cents", filter=Q(payments__state__in=OWED)), 0
    )
    orders = Order.objects.exclude(state__in=GONE).annotate(asked=asked)
    wrong = orders.exclude(total_cents=F("asked"))
    for order in wrong.order_by("pk").iterator(chunk_size=500):
        yield Drift("payment sum", order.pk, order.code, order.asked, order.total_cents)


def payment_state_drift() -> Iterator[Drift]:
    """Payments whose state is not what the money that has moved says.

    Paid means that at least the amount has come; due, that less has; cancelled or
    refunded, that nothing is left.
    """
    state, moved = Payment.State, Coalesce(Sum("events__amount_cents"), 0)
    payments = Payment.objects.annotate(moved=moved).select_related("order")
    wrong = payments.filter(
        Q(state=state.PAID, moved__lt=F("amount_cents"))
        | Q(state=state.DUE, amount_cents__gt=0, moved__gte=F("amount_cents"))
        | (Q(state__in=[state.CANCELLED, state.REFUNDED]) & ~Q(moved=0))
    )
    for payment in wrong.order_by("pk").iterator(chunk_size=500):
        stored = payment.amount_cents if payment.state == state.PAID else 0
        what = f"{payment.order.code}, {payment.get_state_display()}"
        yield Drift("payment state", payment.pk, what, stored, payment.moved)


def draws_needed(order: Order) -> dict[int, int]:
    """What the order's lines and slot draw, worked out anew: capacity id -> units."""
    sql = order_draws_sql("HAVING order_id = %s AND sum(units) > 0")
    return {row[1]: row[3] for row in _run(sql, (*GONE, order.pk))}


def order_draws_sql(having: str) -> str:
    """Rows of order, limit, units it has drawn, units that it needs."""
    return _ORDER_DRAWS.format(picks=_PICKS[connection.vendor], having=having)


def _run(sql: str, parameters: Iterable[object]) -> list[tuple[int, int, int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(parameters))
        return [(row[0], row[1], int(row[2]), int(row[3])) for row in cursor]


def _draw_drift(
    kind: str, rows: list[tuple[int, int, int, int]], names: dict[int, str]
) -> Iterator[Drift]:
    limits = _named(Capacity.objects).in_bulk({row[1] for row in rows})
    for owner, limit, drawn, needed in rows:
        what = f"{names.get(owner, owner)}, {_words(limits[limit])}"
        yield Drift(kind, owner, what, drawn, needed)


def _firsts(rows: list[tuple[int, int, int, int]]) -> set[int]:
    return {row[0] for row in rows}


def _named(limits):
    return limits.select_related("bake_day", "product", "resource", "slot")


def _words(limit: Capacity) -> str:
    what = limit.product or limit.resource or limit.slot
    return f"{what} on {day_words(limit.bake_day.date)}"


# A box names the pieces in it among the options of its line.
_PICKS = {
    "postgresql": """
    SELECT o.id, o.bake_day_id, v.id,
           CAST(l.quantity AS integer) * CAST(pick.fact ->> 'pieces' AS integer)
    FROM live o JOIN shop_orderline l ON l.order_id = o.id
    CROSS JOIN LATERAL jsonb_array_elements(l.options) AS pick (fact)
    JOIN shop_variant v ON v.sku = pick.fact ->> 'sku'
""",
    "sqlite": """
    SELECT o.id, o.bake_day_id, v.id,
           l.quantity * json_extract(pick.value, '$.pieces')
    FROM live o JOIN shop_orderline l ON l.order_id = o.id
    JOIN json_each(l.options) AS pick
    JOIN shop_variant v ON v.sku = json_extract(pick.value, '$.sku')
""",
}

_ORDER_DRAWS = """
WITH live AS (
    SELECT id, bake_day_id, slot_id FROM shop_order WHERE state NOT IN (%s, %s)
),
pieces (order_id, bake_day_id, variant_id, quantity) AS (
    SELECT o.id, o.bake_day_id, l.variant_id, CAST(l.quantity AS integer)
    FROM live o JOIN shop_orderline l ON l.order_id = o.id
    UNION ALL {picks}
),
draws (order_id, capacity_id, drawn, units) AS (
    SELECT p.order_id, c.id, 0, p.quantity * v.pieces
    FROM pieces p JOIN shop_variant v ON v.id = p.variant_id
    JOIN shop_capacity c
      ON c.bake_day_id = p.bake_day_id AND c.product_id = v.product_id
    UNION ALL
    SELECT p.order_id, c.id, 0, p.quantity * u.units
    FROM pieces p JOIN shop_resourceuse u ON u.variant_id = p.variant_id
    JOIN shop_capacity c
      ON c.bake_day_id = p.bake_day_id AND c.resource_id = u.resource_id
    UNION ALL
    SELECT o.id, c.id, 0, 1 FROM live o JOIN shop_capacity c ON c.slot_id = o.slot_id
    UNION ALL
    SELECT order_id, capacity_id, units, 0 FROM shop_draw WHERE order_id IS NOT NULL
)
SELECT order_id, capacity_id, sum(drawn), sum(units) FROM draws
GROUP BY order_id, capacity_id {having} ORDER BY order_id, capacity_id
"""

_HOLD_DRAWS = """
WITH draws (hold_id, capacity_id, drawn, units) AS (
    SELECT h.id, c.id, 0, 1 FROM shop_hold h JOIN shop_capacity c
      ON c.slot_id = h.slot_id
    UNION ALL
    SELECT d.hold_id, d.capacity_id, d.units, 0
    FROM shop_draw d JOIN shop_capacity c ON c.id = d.capacity_id
    WHERE d.hold_id IS NOT NULL AND c.slot_id IS NOT NULL
)
SELECT hold_id, capacity_id, sum(drawn), sum(units) FROM draws
GROUP BY hold_id, capacity_id HAVING sum(drawn) <> sum(units)
ORDER BY hold_id, capacity_id
"""
