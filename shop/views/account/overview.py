"""The first page of an account: what is to be picked up, the usual, and the ways on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from shop import allergens
from shop.calendar import today
from shop.models import Customer
from shop.views.account.gate import own_page
from shop.views.account.orders import orders_of, rows_of


@require_safe
@own_page
def overview(request: HttpRequest, customer: Customer) -> HttpResponse:
    """Everything at a glance. The queries do not grow with the orders."""
    orders = orders_of(customer)
    coming = orders.filter(bake_day__date__gte=today())
    rows = rows_of(
        coming.order_by("bake_day__date", "slot__starts"), customer.allergies
    )
    to_come = [row for row in rows if row.is_to_come]
    known = {row.order.pk for row in to_come}
    last = rows_of(orders.exclude(pk__in=known)[:1], customer.allergies)
    return render(
        request,
        "shop/account/overview.html",
        {
            "customer": customer,
            "to_come": to_come,
            "last": last[0] if last else None,
            "allergies": allergens.words(customer.allergies),
        },
    )
