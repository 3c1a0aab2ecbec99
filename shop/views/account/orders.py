"""The orders of an account, and the same again."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from basket.operations import operation_of
from shop.allergies import AllergyWarning, warning_of
from shop.models import Customer, Order
from shop.order_again import order_again
from shop.shopping import priced
from shop.views.account.gate import own_page
from shop.views.account.words import again_facts
from shop.views.basket_answer import see_other, show_badge
from shop.views.told import tell

ON_A_PAGE = 20
MOST_LINES = 4  # named in a list of orders


@dataclass(frozen=True)
class OrderRow:
    """One order in a list: what was in it, in short, and what not to eat of it."""

    order: Order
    words: str
    warning: AllergyWarning | None

    @property
    def is_to_come(self) -> bool:
        return self.order.state in {
            Order.State.AWAITING_PAYMENT,
            Order.State.CONFIRMED,
            Order.State.IN_PRODUCTION,
            Order.State.READY,
        }


@require_safe
@own_page
def orders(request: HttpRequest, customer: Customer) -> HttpResponse:
    """All of them, newest first, twenty to a page."""
    page = Paginator(orders_of(customer), ON_A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "shop/account/orders.html",
        {"page": page, "rows": rows_of(page, customer.allergies)},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@own_page
def again(request: HttpRequest, customer: Customer, code: str) -> HttpResponse:
    """The order's lines into the basket; the basket page tells how far that went.

    Repeatable by its operation. Somebody else's order is as unknown as none.
    """
    is_a_code = code.isascii() and code.isalnum()
    order = customer.orders.filter(code=code).first() if is_a_code else None
    if order is None:
        raise Http404("There is no such order.")
    if request.method != "POST":
        return see_other("account_pages:orders")
    operation = operation_of(request, "again", order.code)
    came = order_again(order, request.basket, operation=operation)
    response = see_other("shop:basket")
    tell(response, "again", **again_facts(order, came))
    now = priced(request.basket.contents(), pictures=False)
    show_badge(request, response, now)
    return response


def orders_of(customer: Customer) -> QuerySet[Order]:
    """The customer's orders, with what a list of them shows."""
    rows = customer.orders.select_related("bake_day", "slot__place")
    return rows.prefetch_related("lines").order_by("-placed_at", "-pk")


def rows_of(orders: Iterable[Order] | Page, avoided: Collection[str]) -> list[OrderRow]:
    """No query: the lines are prefetched."""
    return [
        OrderRow(order, _words(order), _warning(order, avoided)) for order in orders
    ]


def _words(order: Order) -> str:
    lines = list(order.lines.all())
    named = [f"{line.quantity} × {line.name}" for line in lines[:MOST_LINES]]
    more = len(lines) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")


def _warning(order: Order, avoided: Collection[str]) -> AllergyWarning | None:
    codes = {code for line in order.lines.all() for code in line.allergens}
    return warning_of(codes, (), avoided)
