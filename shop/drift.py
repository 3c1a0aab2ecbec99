"""Finds numbers that do not agree with the orders, holds and payments they come from.

Each kind is an aggregating statement, so it judges one moment of the database, and only
what is wrong leaves it: the size of the tables does not matter to this process. A large
table is judged part by part, for no statement may take as long as the database forbids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from django.db.models import F, Max, Min, Model, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from shop.calendar import day_words
from shop.drawn import GONE, Draws, wrong_hold_draws, wrong_order_draws
from shop.models import Capacity, Order, Payment

# So many rows are judged by one statement.
STEP = 20_000
# So many wrong rows are read at once.
AT_ONCE = 500
Row = TypeVar("Row", bound=Model)
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
    for limit in _part_by_part(wrong):
        yield Drift("limit", limit.pk, _words(limit), limit.taken, limit.drawn)


def order_draw_drift() -> Iterator[Drift]:
    """Orders that have drawn something else than their lines and slot need.

    The lines are weighed as the catalogue weighs today; an order that is gone draws
    nothing. What had no limit when it was ordered and has one now shows here as well.
    """
    wrong = (row for part in _parts(Order) for row in wrong_order_draws(*part))
    for rows in _some(wrong):
        keys = {row.owner_id for row in rows}
        codes = dict(Order.objects.filter(pk__in=keys).values_list("pk", "code"))
        yield from _draw_drift("order draws", rows, codes.__getitem__)


def hold_draw_drift() -> Iterator[Drift]:
    """Holds that keep something else than one place of their slot."""
    for rows in _some(wrong_hold_draws()):
        yield from _draw_drift("hold draws", rows, lambda pk: f"hold {pk}")


def order_sum_drift() -> Iterator[Drift]:
    """Orders whose total or tax is not the sum of their lines."""
    sums = Order.objects.annotate(
        lines_total=Coalesce(Sum("lines__total_cents"), 0),
        lines_tax=Coalesce(Sum("lines__tax_cents"), 0),
    )
    wrong = sums.exclude(total_cents=F("lines_total"), tax_cents=F("lines_tax"))
    for order in _part_by_part(wrong):
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
    for order in _part_by_part(wrong):
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
    for payment in _part_by_part(wrong):
        stored = payment.amount_cents if payment.state == state.PAID else 0
        what = f"{payment.order.code}, {payment.get_state_display()}"
        yield Drift("payment state", payment.pk, what, stored, payment.moved)


def _part_by_part(wrong: QuerySet[Row]) -> Iterator[Row]:
    """The rows by their ids. A statement for each part of the table, and one more."""
    for part in _parts(wrong.model):
        yield from wrong.filter(pk__range=part).order_by("pk")


def _parts(model: type[Model]) -> Iterator[tuple[int, int]]:
    """First and last id of each part of STEP ids. One query."""
    ends = model._base_manager.aggregate(first=Min("pk"), last=Max("pk"))
    if ends["last"] is None:
        return iter(())
    starts = range(ends["first"], ends["last"] + 1, STEP)
    return ((start, start + STEP - 1) for start in starts)


def _some(rows: Iterable[Draws]) -> Iterator[list[Draws]]:
    """The rows, AT_ONCE at a time."""
    rows = iter(rows)
    while some := list(islice(rows, AT_ONCE)):
        yield some


def _draw_drift(
    kind: str, rows: list[Draws], name: Callable[[int], str]
) -> Iterator[Drift]:
    limits = _named(Capacity.objects.all()).in_bulk({row.capacity_id for row in rows})
    for row in rows:
        what = f"{name(row.owner_id)}, {_words(limits[row.capacity_id])}"
        yield Drift(kind, row.owner_id, what, row.drawn, row.needed)


def _named(limits: QuerySet[Capacity]) -> QuerySet[Capacity]:
    return limits.select_related("bake_day", "product", "resource", "slot")


def _words(limit: Capacity) -> str:
    what = limit.product or limit.resource or limit.slot
    return f"{what} on {day_words(limit.bake_day.date)}"
