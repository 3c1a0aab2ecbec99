"""The order's page in words, as a row for {% rows %} (shop/templatetags/rows.py)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from shop.links import order_address
from shop.models import Order, Slot
from shop.orders import can_cancel
from shop.templatetags.days import clock, day_long, day_words
from shop.templatetags.money import money
from shop.views.checkout_lines import Row, rows_of_lines
from shop.views.order_parts import Parts

State = Order.State
# What a shopper follows, in the order in which it happens.
WAY = {
    State.CONFIRMED: "We have your order",
    State.IN_PRODUCTION: "It is being baked",
    State.READY: "It is packed and waits for you",
    State.HANDED_OVER: "You have picked it up",
}
ENDED = {
    State.CANCELLED: "It was cancelled",
    State.EXPIRED: "It was not paid in time",
    State.NOT_COLLECTED: "It was not collected",
}
FINAL = {*ENDED, State.HANDED_OVER}


def order_words(order: Order, parts: Parts) -> Row:
    """How far the order is, what is in it, and what can still be done. No query."""
    cut_off = order.bake_day.cut_off
    return {
        "code": order.code,
        "name": order.name,
        "email": order.email,
        "note": order.note,
        "state": order.get_state_display().lower(),
        "is_final": order.state in FINAL,
        "is_ended": order.state in ENDED,
        "is_handed_over": order.state == State.HANDED_OVER,
        "can_cancel": can_cancel(order),
        "cancel_until": f"{day_words(cut_off)}, {clock(cut_off)}",
        "total": money(order.total_cents),
        "tax": money(order.tax_cents),
        "due": money(parts.due_cents),
        "lines": rows_of_lines(parts.lines),
        "steps": _steps(order, parts.reached),
        **when_and_where(order.slot),
        **_addresses(order),
    }


def when_and_where(slot: Slot) -> Row:
    """The pick-up, for the pages before ordering and after it."""
    place = slot.place
    return {
        "day": day_long(slot.bake_day.date),
        "starts": clock(slot.starts),
        "ends": clock(slot.ends),
        "place": f"{place.name}, {place.address}" if place.address else place.name,
    }


def _addresses(order: Order) -> Row:
    return {
        "address": order_address(order),
        "calendar": order_address(order, "order_calendar"),
        "picture": order_address(order, "order_code"),
        "cancellation": order_address(order, "order_cancellation"),
    }


def _steps(order: Order, reached: Mapping[str, dt.datetime]) -> list[Row]:
    """The way as far as it goes, each step with the time it was reached last."""
    reached = {State.CONFIRMED.value: order.placed_at, **reached}
    if order.state in ENDED:
        return _ended_steps(order, reached)
    states = list(WAY)
    now = states.index(order.state) if order.state in states else 0
    is_over = order.state == State.HANDED_OVER
    return [
        _step(
            WAY[state],
            reached.get(state) if place <= now else None,
            is_done=place < now or is_over,
            is_now=place == now and not is_over,
        )
        for place, state in enumerate(states)
    ]


def _ended_steps(order: Order, reached: Mapping[str, dt.datetime]) -> list[Row]:
    """Only what really happened, then how it ended."""
    done = [
        _step(words, reached[state], is_done=True)
        for state, words in WAY.items()
        if state in reached
    ]
    end = _step(ENDED[order.state], reached.get(order.state), is_now=True, is_end=True)
    return [*done, end]


def _step(words: str, at: dt.datetime | None, **facts: bool) -> Row:
    """One step of the order's way: done at that time, being done, or to come."""
    told = "now" if facts.get("is_now") else "done" if facts.get("is_done") else ""
    step: dict[str, Any] = {"words": words, "state": told or "to come", **facts}
    if at:
        step["at"] = f"{day_words(at)}, {clock(at)}"
    return step
