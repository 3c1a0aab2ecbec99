"""The states of an order: which may follow which, and the one way to change them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from shop.exceptions import MoveNotAllowed
from shop.models import Order, OrderEvent

_S = Order.State

MOVES: dict[str, frozenset[str]] = {
    _S.AWAITING_PAYMENT: frozenset({_S.CONFIRMED, _S.CANCELLED, _S.EXPIRED}),
    _S.CONFIRMED: frozenset(
        {_S.IN_PRODUCTION, _S.READY, _S.HANDED_OVER, _S.CANCELLED, _S.NOT_COLLECTED}
    ),
    _S.IN_PRODUCTION: frozenset(
        {_S.READY, _S.HANDED_OVER, _S.CANCELLED, _S.NOT_COLLECTED}
    ),
    # Back to the oven when a line is unpacked again.
    _S.READY: frozenset(
        {_S.IN_PRODUCTION, _S.HANDED_OVER, _S.CANCELLED, _S.NOT_COLLECTED}
    ),
    # Only undo_hand_over() leads out of it, and only for a minute.
    _S.HANDED_OVER: frozenset(),
    # Somebody who comes in the evening after all.
    _S.NOT_COLLECTED: frozenset({_S.HANDED_OVER}),
    _S.CANCELLED: frozenset(),
    _S.EXPIRED: frozenset(),
}

_TRIES = 3


def change_state(
    order: Order,
    to: str,
    *,
    actor: AbstractBaseUser | None = None,
    only_from: Collection[str] = tuple(_S.values),
    **data: Any,
) -> OrderEvent:
    """Move the order by one conditional update and write the event beside it.

    The state in memory may be old: the update counts only from the state it was made
    for, and is tried again from the one that another server has written meanwhile.
    Atomic. Raises MoveNotAllowed; nothing is changed then. What else a move brings
    with it (units, money, mails) is in shop/orders.py, which is what to call.
    """
    for _ in range(_TRIES):
        came_from = order.state
        if to in MOVES[came_from] and came_from in only_from:
            event = switch(order, came_from, to, kind=to, actor=actor, data=data)
            if event:
                return event
        order.refresh_from_db(fields=["state"])
        if order.state == came_from:
            break
    raise MoveNotAllowed(
        f"Order {order.code} is {order.get_state_display()}. "
        f"It cannot become {_S(to).label} now."
    )


def switch(
    order: Order,
    came_from: str,
    to: str,
    *,
    kind: str,
    actor: AbstractBaseUser | None,
    data: dict[str, Any],
) -> OrderEvent | None:
    """Change this state to that one and write the event; None if it was another."""
    with transaction.atomic():
        if not Order.objects.filter(pk=order.pk, state=came_from).update(state=to):
            return None
        order.state = to
        return OrderEvent.objects.create(
            order=order,
            kind=kind,
            from_state=came_from,
            to_state=to,
            actor=actor,
            data=data,
        )
