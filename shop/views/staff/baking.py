"""The bake sheet."""

from __future__ import annotations

import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from shop import bakesheet
from shop.recipes import RecipeCycle
from shop.roles import SEE_BAKE_SHEET, staff_page
from shop.views.staff.days import asked_date, neighbours


@staff_page(SEE_BAKE_SHEET)
@require_safe
def next_bake_sheet(request: HttpRequest) -> HttpResponse:
    """To the sheet of ?date=, or of the next bake day. Caching: none."""
    date = asked_date(request) or bakesheet.next_bake_date(timezone.localdate())
    return redirect("staff:bake_sheet", date)


@staff_page(SEE_BAKE_SHEET)
@require_safe
def bake_sheet(request: HttpRequest, date: datetime.date) -> HttpResponse:
    """A day's sheet, for a phone in the bakehouse and for A4. Caching: none."""
    try:
        sheet = bakesheet.bake_sheet(date)
    except RecipeCycle as cycle:
        context = {"date": date, "cycle": cycle}
        return render(request, "shop/staff/bake_sheet_cycle.html", context, status=409)
    context = {"sheet": sheet, "date": date, "neighbours": neighbours(date)}
    return render(request, "shop/staff/bake_sheet.html", context)
