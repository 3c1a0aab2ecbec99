"""The packing list."""

from __future__ import annotations

import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from shop import orders
from shop.bakesheet import next_bake_date
from shop.exceptions import MoveNotAllowed
from shop.models import OrderLine
from shop.packing import packing_list
from shop.roles import HAND_OVER, staff_page
from shop.views.staff.days import asked_date, neighbours


@staff_page(HAND_OVER)
@require_safe
def next_packing(request: HttpRequest) -> HttpResponse:
    """To the list of ?date=, or of the next bake day. Caching: none."""
    date = asked_date(request) or next_bake_date(timezone.localdate())
    return redirect("staff:packing", date)


@staff_page(HAND_OVER)
@require_safe
def packing(request: HttpRequest, date: datetime.date) -> HttpResponse:
    """A day's orders by slot, each line with a button. Caching: none."""
    return _page(request, date)


@staff_page(HAND_OVER)
@require_POST
def pack_line(request: HttpRequest, line_id: int) -> HttpResponse:
    """Ticks a line (packed=1) or takes the tick off (packed=0). Repeatable."""
    wish = request.POST.get("packed")
    if wish not in {"0", "1"}:
        return HttpResponseBadRequest("packed is 0 or 1.", content_type="text/plain")
    lines = OrderLine.objects.select_related("order__bake_day")
    line = get_object_or_404(lines, pk=line_id)
    date = line.order.bake_day.date
    try:
        orders.pack_line(line, wish == "1", actor=request.user)
    except MoveNotAllowed as error:
        return _page(request, date, problem=str(error), status=error.status)
    response = redirect("staff:packing", date)
    response["Location"] += f"{_query(request)}#order-{line.order.code}"
    response.status_code = 303
    return response


def _page(
    request: HttpRequest, date: datetime.date, *, problem: str = "", status: int = 200
) -> HttpResponse:
    packing = packing_list(date)
    shown = packing.shown(_asked_slot(request))
    context = {
        "packing": packing,
        "shown": shown,
        "one_slot": shown[0].slot if len(shown) < len(packing.slots) else None,
        "date": date,
        "neighbours": neighbours(date),
        "now": timezone.now(),
        "problem": problem,
    }
    return render(request, "shop/staff/packing.html", context, status=status)


def _asked_slot(request: HttpRequest) -> str:
    return request.POST.get("slot") or request.GET.get("slot", "")


def _query(request: HttpRequest) -> str:
    """Back to the one slot that was shown, if it was one."""
    slot = _asked_slot(request)
    return f"?slot={slot}" if slot.isascii() and slot.isdigit() else ""
