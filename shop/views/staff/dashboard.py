"""Today and tomorrow at a glance."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from shop import dashboard as facts
from shop.roles import HAND_OVER, SEE_BAKE_SHEET, staff_page
from shop.styleguide import samples


@staff_page(SEE_BAKE_SHEET, HAND_OVER)
@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """For every role; money for those who may see payments. Caching: none."""
    shown = facts.dashboard()
    context = {
        "dashboard": shown,
        "days": [("Today", shown.today), ("Tomorrow", shown.tomorrow)],
        "bars": facts.bars(shown.past),
        "sees_money": request.user.has_perm("shop.view_payment"),
    }
    return render(request, "shop/staff/dashboard.html", context)


@staff_page(SEE_BAKE_SHEET, HAND_OVER)
@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Each component of the storefront in each state. Caching: none."""
    return render(request, "shop/staff/styleguide.html", samples())
