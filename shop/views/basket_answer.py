"""Answers that show the basket, with the badge that goes along."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from basket.badge import Badge, read_badge, set_badge
from shop.addresses import address_of
from shop.availability import days_for, offers_on
from shop.cards import Card, cards_for
from shop.catalogue import products_for_list
from shop.shopping import PricedBasket
from shop.views.allergy_cookie import avoided_by
from shop.views.basket_page import BasketPage

BEST_SELLERS = 3


def show_basket(
    request: HttpRequest,
    page: BasketPage,
    *,
    status: int = HTTPStatus.OK,
    problem: str = "",
    told: dict[str, Any] | None = None,
) -> HttpResponse:
    """The basket page, or only what changes on it for the script."""
    is_fragment = request.META.get("HTTP_X_FRAGMENT") == "set"
    page = page.warning_of(avoided_by(request))
    wrong = [row for row in page.rows if row.wrong]
    context = {
        "page": page,
        "basket": page.basket,
        "is_fragment": is_fragment,
        "problem": problem,
        "errors": [(f"#{row.id}-quantity", row.wrong.sentence) for row in wrong],
        "told": told or {},
    }
    if not page.rows:
        context["cards"] = _best_sellers()
    template = "shop/parts/_basket.html" if is_fragment else "shop/basket.html"
    response = render(request, template, context, status=status)
    show_badge(request, response, page.basket)
    return response


def show_badge(
    request: HttpRequest, response: HttpResponse, basket: PricedBasket
) -> None:
    """Send the badge unless the browser shows it already."""
    badge = Badge(basket.version, basket.pieces, basket.total_cents)
    if read_badge(request) != badge:
        set_badge(response, **vars(badge))


def see_other(to: str, *args: object, query: str = "") -> HttpResponseRedirect:
    """303: whatever was posted, the next request is a GET."""
    address = reverse(to, args=args) if args else address_of(to)
    return HttpResponseRedirect(address + query, status=HTTPStatus.SEE_OTHER)


def _best_sellers() -> list[Card]:
    """What the owner puts forward, as cards for the earliest day."""
    products = products_for_list(is_featured=True, first=BEST_SELLERS)
    date = next((each.date for each in days_for([]) if each.can), None)
    if date is None:
        return []
    return cards_for(products, offers_on(date, products), date, "")
