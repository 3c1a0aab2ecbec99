"""Finding and handing over orders."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from shop.codes import read_code
from shop.counter import counter_order, find_orders
from shop.exceptions import CheckoutError
from shop.models import Order
from shop.orders import hand_over as give_out
from shop.orders import move_order, undo_hand_over
from shop.resend import mail_again
from shop.roles import HAND_OVER, staff_page
from shop.templatetags.days import clock


@staff_page(HAND_OVER)
@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """One field for codes and names; a single find opens at once. Caching: none."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:120]
    found = find_orders(text)
    if len(found) == 1:
        return redirect("staff:order", found[0].code)
    context = {"q": text, "found": found, "today": timezone.localdate()}
    return render(request, "shop/staff/hand_over.html", context)


@staff_page(HAND_OVER)
@require_safe
def order(request: HttpRequest, code: str) -> HttpResponse:
    """One order: the big button first, then lines, record, moves. Caching: none."""
    return _page(request, _find(code))


@staff_page(HAND_OVER)
@require_POST
def hand_over(request: HttpRequest, code: str) -> HttpResponse:
    """Hands over, or with undo=1 takes it back. A second press changes nothing."""
    found = _find(code)
    try:
        if request.POST.get("undo"):
            undo_hand_over(found, actor=request.user)
            words = f"The hand-over of {found.code} was taken back."
        else:
            words = _handed_over_words(give_out(found, actor=request.user))
    except CheckoutError as error:
        return _page(request, found, problem=str(error), status=error.status)
    messages.success(request, words)
    return _back(found)


@staff_page(HAND_OVER)
@require_POST
def move(request: HttpRequest, code: str) -> HttpResponse:
    """Puts the order into the state named in `to`."""
    found = _find(code)
    try:
        move_order(found, request.POST.get("to", ""), actor=request.user)
    except ValueError:
        problem = "There is no such state of an order."
        return _page(request, found, problem=problem, status=422)
    except CheckoutError as error:
        return _page(request, found, problem=str(error), status=error.status)
    found.refresh_from_db()
    messages.success(request, f"{found.code} is now: {found.get_state_display()}.")
    return _back(found)


@staff_page(HAND_OVER)
@require_POST
def mail(request: HttpRequest, code: str) -> HttpResponse:
    """Queues the order's mail once more."""
    found = _find(code)
    try:
        mail_again(found, actor=request.user)
    except CheckoutError as error:
        return _page(request, found, problem=str(error), status=error.status)
    messages.success(request, f"The mail goes to {found.email} once more.")
    return _back(found)


def _find(code: str) -> Order:
    orders = Order.objects.select_related("bake_day", "slot__place", "customer")
    return get_object_or_404(orders, code=read_code(code))


def _handed_over_words(handed_over) -> str:
    if not handed_over.repeated:
        return f"{handed_over.order.code} is handed over."
    event = handed_over.event
    return (
        f"{handed_over.order.code} was already handed over {clock(event.at)} "
        f"by {event.actor or 'the shop'}."
    )


def _page(
    request: HttpRequest, found: Order, *, problem: str = "", status: int = 200
) -> HttpResponse:
    found.refresh_from_db(fields=["state"])
    context = {"shown": counter_order(found), "order": found, "problem": problem}
    return render(request, "shop/staff/order.html", context, status=status)


def _back(found: Order) -> HttpResponse:
    response = redirect("staff:order", found.code)
    response.status_code = 303
    return response
