"""The order's own page behind its secret link. Private, never cached, never indexed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from basket.origin import same_origin_post
from shop.compiled import Compiled, Given
from shop.exceptions import MoveNotAllowed, PastCutOff
from shop.ics import order_ics
from shop.models import Order, OrderEvent, OrderLine, Payment
from shop.orders import can_cancel, cancel_order
from shop.qr import order_qr
from shop.remembered import remembering
from shop.views.basket_answer import see_other
from shop.views.checkout_lines import summary_of
from shop.views.last_order import find_order
from shop.views.methods import page_with_form
from shop.views.uncached import never_cache

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

# As much of them as the page tells.
_LINES = Compiled(
    lambda: OrderLine.objects.filter(order=Given("order")).only(
        "name", "options", "quantity", "total_cents", "allergens"
    )
)
_EVENTS = Compiled(
    lambda: OrderEvent.objects.filter(order=Given("order")).only("to_state", "at")
)
_PAYMENT = Compiled(
    lambda: (
        Payment.objects.filter(order=Given("order"))
        .order_by("-pk")
        .only("state", "amount_cents")[:1]
    )
)


@dataclass(frozen=True)
class Step:
    """One step of the order's way: done at that time, being done, or to come."""

    words: str
    at: dt.datetime | None
    is_done: bool
    is_now: bool

    @property
    def state_words(self) -> str:
        return "now" if self.is_now else "done" if self.is_done else "to come"


def _private(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For everything behind the secret link: no cache, no index, no referrer."""

    @never_cache
    @wraps(view)
    def private(request: HttpRequest, secret: str) -> HttpResponse:
        found = find_order(secret)
        if found is None:
            raise Http404
        response = view(request, found)
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "same-origin"
        return response

    return private


@require_safe
@remembering()
@_private
def order(request: HttpRequest, order: Order) -> HttpResponse:
    """How far the order is, what is in it, and what can still be done."""
    context = {
        "order": order,
        "lines": summary_of(_LINES.all(order=order.pk)),
        "steps": _steps(order, _EVENTS.all(order=order.pk)),
        "payment": _PAYMENT.first(order=order.pk),
        "can_cancel": can_cancel(order),
        "is_final": order.state in FINAL,
        "is_ended": order.state in ENDED,
    }
    return render(request, "shop/order.html", context)


@require_safe
@_private
def calendar(request: HttpRequest, order: Order) -> HttpResponse:
    """The pick-up time as a file for a calendar."""
    response = HttpResponse(order_ics(order), content_type="text/calendar")
    name = f"order-{order.code}.ics"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_safe
@_private
def code(request: HttpRequest, order: Order) -> HttpResponse:
    """The QR code for the counter."""
    return HttpResponse(order_qr(order), content_type="image/svg+xml")


@same_origin_post
@page_with_form
@remembering()
@_private
def cancel(request: HttpRequest, order: Order) -> HttpResponse:
    """GET asks once, POST does it. A second press finds it cancelled already."""
    if request.method != "POST":
        return _ask(request, order)
    try:
        cancellation = cancel_order(order, by_shopper=True)
    except (PastCutOff, MoveNotAllowed) as refusal:
        status = HTTPStatus.CONFLICT
        return _ask(request, order, problem=str(refusal), status=status)
    if cancellation.repeated:
        return see_other("shop:order_cancellation", order.secret)
    return see_other("shop:order", order.secret)


def _ask(
    request: HttpRequest,
    order: Order,
    *,
    problem: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    """The question, or why it is not asked: cancelled already, or too late."""
    context = {
        "order": order,
        "problem": problem,
        "can_cancel": can_cancel(order),
        "is_cancelled": order.state == State.CANCELLED,
    }
    return render(request, "shop/order_cancellation.html", context, status=status)


def _steps(order: Order, events: Iterable[OrderEvent]) -> list[Step]:
    """The way as far as it goes, each step with the time it was reached last."""
    reached = {event.to_state: event.at for event in events}
    reached.setdefault(State.CONFIRMED, order.placed_at)
    if order.state in ENDED:
        return _ended_steps(order, reached)
    states = list(WAY)
    now = states.index(order.state) if order.state in states else 0
    return [
        Step(
            words=WAY[state],
            at=reached.get(state) if place <= now else None,
            is_done=place < now or order.state == State.HANDED_OVER,
            is_now=place == now and order.state != State.HANDED_OVER,
        )
        for place, state in enumerate(states)
    ]


def _ended_steps(order: Order, reached: dict[str, dt.datetime]) -> list[Step]:
    """Only what really happened, then how it ended."""
    states = [state for state in WAY if state in reached]
    done = [Step(WAY[state], reached[state], True, False) for state in states]
    return [*done, Step(ENDED[order.state], reached.get(order.state), False, True)]
