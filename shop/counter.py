"""At the counter: finding an order, and what there is to do with it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from shop.codes import ALPHABET, LONGEST, read_code
from shop.models import Order, OrderEvent, Payment
from shop.orders import MOVES, UNDO_SECONDS
from shop.packing import PackingLine, packing_order

_EVENT_WORDS = {
    "payment_due": "money given back",
    "mail_sent": "mail sent",
    "mail_asked": "mail asked for again",
    "mail_sent_again": "mail sent again",
    "hand_over_undone": "hand-over taken back",
}
MOST_FOUND = 30
NEAR = datetime.timedelta(days=7)

# Hand-over has its own button; the shop itself makes the rest.
_BY_HAND = (
    Order.State.IN_PRODUCTION,
    Order.State.READY,
    Order.State.NOT_COLLECTED,
    Order.State.CANCELLED,
)
_MOVE_WORDS = {
    Order.State.IN_PRODUCTION: "Into the oven",
    Order.State.READY: "Packed and ready",
    Order.State.NOT_COLLECTED: "Not collected",
    Order.State.CANCELLED: "Cancel the order",
}


def find_orders(text: str, today: datetime.date | None = None) -> list[Order]:
    """The order with this code, or those of the days around whose name has the words.

    A code is found on any day, in small letters and with hyphens, too. Nearest
    bake day first, then by slot; at most MOST_FOUND. Two queries.
    """
    text = " ".join(text.split())
    signs = text.upper().replace("-", "").replace(" ", "")
    if signs and len(signs) <= LONGEST and set(signs) <= set(ALPHABET):
        by_code = list(_with_slot().filter(code=read_code(text)))
        if by_code:
            return by_code
    today = today or timezone.localdate()
    found = _with_slot().filter(bake_day__date__range=(today - NEAR, today + NEAR))
    for word in text.split():
        found = found.filter(name__icontains=word)
    if not text:
        return []
    orders = found.order_by("bake_day__date", "slot__starts", "code")[: 10 * MOST_FOUND]
    nearest = sorted(orders, key=lambda order: abs(order.bake_day.date - today))
    return nearest[:MOST_FOUND]


def _with_slot() -> QuerySet[Order]:
    return Order.objects.select_related("bake_day", "slot__place")


@dataclass(frozen=True)
class CounterOrder:
    """One order as the counter sees it. `due_cents` is still to be paid."""

    order: Order
    lines: tuple[PackingLine, ...]
    events: list[OrderEvent]
    due_cents: int
    undo_until: datetime.datetime | None

    @property
    def can_hand_over(self) -> bool:
        return Order.State.HANDED_OVER in MOVES[self.order.state]

    @property
    def handed_over(self) -> OrderEvent | None:
        """The hand-over that stands, if there is one."""
        if self.order.state != Order.State.HANDED_OVER:
            return None
        kind = Order.State.HANDED_OVER
        return next((e for e in reversed(self.events) if e.kind == kind), None)

    @property
    def timeline(self) -> list[tuple[OrderEvent, str]]:
        """What happened, in order, each event in words."""
        return [(event, event_words(event)) for event in self.events]

    @property
    def moves(self) -> list[tuple[str, str]]:
        """States it can be put into by hand, with the words on the button."""
        allowed = MOVES[self.order.state]
        return [(to.value, _MOVE_WORDS[to]) for to in _BY_HAND if to in allowed]


def event_words(event: OrderEvent) -> str:
    """What happened, for people; an unknown kind tells its own name."""
    if event.kind in Order.State.values:
        return Order.State(event.kind).label
    return _EVENT_WORDS.get(event.kind, event.kind.replace("_", " "))


def counter_order(order: Order, now: datetime.datetime | None = None) -> CounterOrder:
    """The order with its lines, events and payments. Three queries."""
    events = list(order.events.select_related("actor"))
    payments = order.payments.all()
    shown = CounterOrder(
        order=order,
        lines=packing_order(order).lines,
        events=events,
        due_cents=sum(p.amount_cents for p in payments if p.state == Payment.State.DUE),
        undo_until=None,
    )
    handed_over = shown.handed_over
    if handed_over is None:
        return shown
    until = handed_over.at + datetime.timedelta(seconds=UNDO_SECONDS)
    if until <= (now or timezone.now()):
        return shown
    return CounterOrder(order, shown.lines, events, shown.due_cents, until)
