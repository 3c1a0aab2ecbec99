"""The order's own page behind its secret link. Private, never cached, never indexed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from basket.origin import same_origin_post
from shop.exceptions import MoveNotAllowed, PastCutOff
from shop.ics import order_ics
from shop.models import Order
from shop.orders import can_cancel, cancel_order
from shop.qr import order_qr
from shop.remembered import remembering
from shop.views.basket_answer import see_other
from shop.views.last_order import find_order
from shop.views.methods import page_with_form
from shop.views.order_parts import read_parts
from shop.views.order_words import order_words
from shop.views.uncached import never_cache


def _private(
    view: Callable[..., HttpResponse], *, with_parts: bool = False
) -> Callable[..., HttpResponse]:
    """For everything behind the secret link: no cache, no index, no referrer."""

    @never_cache
    @wraps(view)
    def private(request: HttpRequest, secret: str) -> HttpResponse:
        found = find_order(secret, with_parts=with_parts)
        if found is None:
            raise Http404
        response = view(request, found)
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "same-origin"
        return response

    return private


@require_safe
@remembering()
@partial(_private, with_parts=True)
def order(request: HttpRequest, order: Order) -> HttpResponse:
    """How far the order is, what is in it, and what can still be done."""
    page = order_words(order, read_parts(order.parts))
    return render(request, "shop/order.html", {"code": order.code, "page": [page]})


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
        "is_cancelled": order.state == Order.State.CANCELLED,
    }
    return render(request, "shop/order_cancellation.html", context, status=status)
