"""An order's life after checkout: moved, cancelled, packed, handed over."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from shop import limits
from shop.exceptions import MoveNotAllowed, PastCutOff
from shop.models import Order, OrderEvent, OrderLine, Payment
from shop.moves import MOVES, change_state, switch
from shop.payments.settle import settle
from shop.tasks import send_order_mail

__all__ = [
    "MOVES",
    "Cancellation",
    "HandOver",
    "Packing",
    "can_cancel",
    "cancel_order",
    "hand_over",
    "move_order",
    "pack_line",
    "pack_order",
    "undo_hand_over",
]

# How long a wrong press at the counter can be taken back.
UNDO_SECONDS = 60

_BY_SHOPPER = (Order.State.AWAITING_PAYMENT, Order.State.CONFIRMED)
_TO_PACK = (Order.State.CONFIRMED, Order.State.IN_PRODUCTION)
_COUNTER = "at_pickup"


@dataclass(frozen=True)
class Cancellation:
    order: Order
    repeated: bool


@dataclass(frozen=True)
class HandOver:
    """The event tells who did it and when; repeated: somebody had done it before."""

    order: Order
    repeated: bool
    event: OrderEvent


@dataclass(frozen=True)
class Packing:
    """How far an order is packed; complete: all lines, the order is ready."""

    order: Order
    packed: int
    lines: int

    @property
    def complete(self) -> bool:
        return self.packed == self.lines


def move_order(
    order: Order, to: str, *, actor: AbstractBaseUser | None = None, **data: Any
) -> OrderEvent:
    """Move the order to a state, with everything that belongs to it. Atomic.

    Raises MoveNotAllowed, or ValueError for a state that does not exist; nothing is
    changed then. A cancellation or hand-over that was already made is given back as
    it was; any other move to the state the order is in is not allowed.
    """
    to = Order.State(to)
    if to == Order.State.CANCELLED:
        cancel_order(order, by_shopper=False, actor=actor, **data)
        return order.events.filter(kind=Order.State.CANCELLED).latest("pk")
    if to == Order.State.HANDED_OVER:
        return hand_over(order, actor=actor).event
    with transaction.atomic():
        event = change_state(order, to, actor=actor, **data)
        if to == Order.State.EXPIRED:
            _let_go(order)
        return event


# --- cancelling --------------------------------------------------------------------


def can_cancel(order: Order, now: datetime.datetime | None = None) -> bool:
    """May the shopper cancel now? Until the cut-off of the order's bake day."""
    now = now or timezone.now()
    return order.state in _BY_SHOPPER and now < order.bake_day.cut_off


def cancel_order(
    order: Order,
    *,
    by_shopper: bool,
    now: datetime.datetime | None = None,
    actor: AbstractBaseUser | None = None,
    **data: Any,
) -> Cancellation:
    """Cancel: the pieces and the place go back, a mail is queued, all or nothing.

    Repeatable, also by two at once: units go back exactly once and one mail is queued.
    A shopper may until the cut-off, staff until the order is handed over. Raises
    PastCutOff or MoveNotAllowed; nothing is changed then.
    """
    with transaction.atomic():
        order.refresh_from_db()  # the cut-off may have been moved since the page
        if order.state == Order.State.CANCELLED:
            return Cancellation(order, repeated=True)
        if by_shopper:
            _demand_cancellable(order, now)
        try:
            change_state(
                order,
                Order.State.CANCELLED,
                actor=actor,
                only_from=_BY_SHOPPER if by_shopper else tuple(MOVES),
                by_shopper=by_shopper,
                **data,
            )
        except MoveNotAllowed:
            if order.state == Order.State.CANCELLED:
                return Cancellation(order, repeated=True)
            raise
        _let_go(order)
        send_order_mail.enqueue(order.pk, "cancellation")
        return Cancellation(order, repeated=False)


def _demand_cancellable(order: Order, now: datetime.datetime | None) -> None:
    if can_cancel(order, now):
        return
    if order.state in _BY_SHOPPER:
        raise PastCutOff(
            f"Orders for {order.bake_day} are closed and the baking is planned. "
            "Please call us."
        )
    raise MoveNotAllowed(
        f"Order {order.code} is {order.get_state_display()} and can no longer be "
        "cancelled here. Please call us."
    )


def _let_go(order: Order) -> None:
    """Give back what the order had drawn, and owe nothing for it any more."""
    limits.give_back(order=order)
    due = order.payments.filter(state=Payment.State.DUE)
    due.update(state=Payment.State.CANCELLED)


# --- packing -----------------------------------------------------------------------


def pack_line(
    line: OrderLine, packed: bool, *, actor: AbstractBaseUser | None = None
) -> Packing:
    """Tick a line, or take the tick off. Atomic and repeatable; the last word holds.

    With the last tick the order is ready; with one taken off it no longer is. Two
    packers at two lines of one order wait for each other, so neither tick is lost.
    Raises MoveNotAllowed for an order that is gone: handed over or cancelled.
    """
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=line.order_id)
        _demand_packable(order)
        stamp = timezone.now() if packed else None
        OrderLine.objects.filter(pk=line.pk, packed_at__isnull=packed).update(
            packed_at=stamp
        )
        line.refresh_from_db(fields=["packed_at"])
        return _follow_packing(order, actor)


def pack_order(order: Order, *, actor: AbstractBaseUser | None = None) -> Packing:
    """Tick all lines; the order is ready. Atomic and repeatable, as pack_line()."""
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=order.pk)
        _demand_packable(order)
        order.lines.filter(packed_at=None).update(packed_at=timezone.now())
        return _follow_packing(order, actor)


def _demand_packable(order: Order) -> None:
    if order.state not in (*_TO_PACK, Order.State.READY):
        raise MoveNotAllowed(f"Order {order.code} is {order.get_state_display()}.")


def _follow_packing(order: Order, actor: AbstractBaseUser | None) -> Packing:
    stamps = list(order.lines.values_list("packed_at", flat=True))
    packing = Packing(order, sum(stamp is not None for stamp in stamps), len(stamps))
    if packing.complete and order.state in _TO_PACK:
        change_state(order, Order.State.READY, actor=actor)
    elif not packing.complete and order.state == Order.State.READY:
        change_state(order, Order.State.IN_PRODUCTION, actor=actor)
    return packing


# --- hand-over ---------------------------------------------------------------------


def hand_over(order: Order, *, actor: AbstractBaseUser | None) -> HandOver:
    """Give the order out and take what is still due, all or nothing.

    Idempotent: a second press, also at the same moment at another counter, changes
    nothing and tells who was first and when. Raises MoveNotAllowed for an order that
    was cancelled or not paid in time.
    """
    with transaction.atomic():
        try:
            event = change_state(order, Order.State.HANDED_OVER, actor=actor)
        except MoveNotAllowed:
            if order.state != Order.State.HANDED_OVER:
                raise
            return HandOver(order, repeated=True, event=_last_hand_over(order))
        for payment in order.payments.filter(state=Payment.State.DUE):
            settle(
                payment,
                _COUNTER,
                f"hand-over-{event.pk}-{payment.pk}",
                payment.amount_cents,
                {"hand_over": event.pk},
            )
        return HandOver(order, repeated=False, event=event)


def undo_hand_over(
    order: Order,
    *,
    actor: AbstractBaseUser | None,
    now: datetime.datetime | None = None,
) -> HandOver:
    """Take a hand-over back within UNDO_SECONDS, with the money it took. Atomic.

    The order is again in the state it was in. A second press changes nothing. Raises
    MoveNotAllowed when it is too late or the order was not handed over.
    """
    with transaction.atomic():
        last = (
            order.events.filter(kind__in=[Order.State.HANDED_OVER, _UNDONE])
            .select_related("actor")
            .last()
        )
        if last and last.kind == _UNDONE:
            return HandOver(order, repeated=True, event=last)
        if last is None or (now or timezone.now()) - last.at > _UNDO:
            raise MoveNotAllowed(
                f"A hand-over can be undone for {UNDO_SECONDS} seconds only."
            )
        event = switch(
            order,
            Order.State.HANDED_OVER,
            last.from_state,
            kind=_UNDONE,
            actor=actor,
            data={"hand_over": last.pk},
        )
        if event is None:  # another press was faster
            order.refresh_from_db(fields=["state"])
            return HandOver(order, repeated=True, event=order.events.latest("pk"))
        _give_money_back(order, last)
        return HandOver(order, repeated=False, event=event)


_UNDO = datetime.timedelta(seconds=UNDO_SECONDS)
_UNDONE = "hand_over_undone"


def _last_hand_over(order: Order) -> OrderEvent:
    events = order.events.filter(kind=Order.State.HANDED_OVER).select_related("actor")
    return events.latest("pk")


def _give_money_back(order: Order, hand_over_event: OrderEvent) -> None:
    for payment in order.payments.all():
        taken = payment.events.filter(data__hand_over=hand_over_event.pk)
        for event in taken:
            settle(
                payment,
                _COUNTER,
                f"undo-{event.pk}",
                -event.amount_cents,
                {"undone": hand_over_event.pk},
            )
