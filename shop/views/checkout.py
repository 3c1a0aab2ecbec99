"""From the basket to the order, in two screens. Never cached."""

from __future__ import annotations

import datetime as dt
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from basket.backends.base import Contents
from basket.origin import same_origin_post
from shop import holds
from shop.accounts.baskets import bring_back
from shop.allergies import warnings_of_basket
from shop.checkout import place_order, start_payment
from shop.contact import Contact
from shop.customers import contact_of, customer_of
from shop.exceptions import (
    BasketChanged,
    BasketIsEmpty,
    ChooseASlot,
    LimitReached,
    NotAvailable,
    PastCutOff,
    PriceRose,
)
from shop.forms import ContactForm
from shop.models import Hold, Order
from shop.network import network_of
from shop.remembered import remembering
from shop.shopping import PricedBasket, priced
from shop.templatetags.money import money
from shop.views.allergy_cookie import avoided_by
from shop.views.basket_answer import see_other, show_badge, show_basket
from shop.views.basket_page import BasketPage, read_page
from shop.views.checkout_lines import Row
from shop.views.checkout_words import basket_words, contact_fields, order_facts
from shop.views.last_order import (
    basket_mark,
    go_on_with_next_basket,
    order_already_placed,
    remember_order,
    see_order,
)
from shop.views.methods import page_with_form
from shop.views.pick_up import full_slot, show_pick_up
from shop.views.uncached import never_cache

REFUSALS = (BasketIsEmpty, ChooseASlot, LimitReached, NotAvailable, PastCutOff)
EXTEND_BELOW = holds.HOLD_MINUTES // 2  # minutes
NO_NUMBER = -1


@never_cache
@same_origin_post
@page_with_form
@remembering()
def enter(request: HttpRequest) -> HttpResponse:
    """POST: keep pieces and place for some minutes, then ask for the contact."""
    if request.method != "POST":
        return see_other("shop:basket")
    try:
        _hold(request)
    except REFUSALS as refusal:
        return _refuse(request, refusal)
    return see_other("shop:checkout_contact")


def _hold(request: HttpRequest) -> None:
    """Keep the basket as it is now; the hold is taken anew if there is none for it."""
    contents = request.basket.contents()
    basket = priced(contents, pictures=False)
    hold = holds.live_hold(contents.token)
    if hold is None or not _fits(hold, basket):
        holds.take_hold(basket, network=network_of(request))
    elif hold.expires_at - timezone.now() < dt.timedelta(minutes=EXTEND_BELOW):
        holds.extend_hold(contents.token)


def _fits(hold: Hold, basket: PricedBasket) -> bool:
    slot_id = basket.slot and basket.slot.pk
    return hold.basket_version == basket.version and hold.slot_id == slot_id


def _refuse(request: HttpRequest, refusal: Exception) -> HttpResponse:
    """The page on which it can be mended. Nothing was changed, the basket is kept."""
    sentence = str(refusal)
    page = read_page(request.basket.contents())
    if isinstance(refusal, BasketIsEmpty):
        return _nothing_here(request, page)
    slot = page.basket.slot
    if slot is None:
        return show_pick_up(request, status=HTTPStatus.CONFLICT, problem=sentence)
    if isinstance(refusal, LimitReached) and not (page.slot and page.slot.can):
        return full_slot(request, slot, sentence)
    return show_basket(request, page, status=HTTPStatus.CONFLICT, problem=sentence)


def _nothing_here(request: HttpRequest, page: BasketPage) -> HttpResponse:
    """An empty basket: often because it has become an order a moment ago."""
    order = order_already_placed(request)
    return _to_order(request, order) if order else _empty(request, page)


def _empty(request: HttpRequest, page: BasketPage) -> HttpResponse:
    problem = "There is nothing in your basket, so there is nothing to order."
    return show_basket(request, page, status=HTTPStatus.CONFLICT, problem=problem)


# --- first screen ------------------------------------------------------------------


@never_cache
@same_origin_post
@page_with_form
@remembering()
def contact(request: HttpRequest) -> HttpResponse:
    """Whom the order is for."""
    basket = priced(request.basket.contents())
    if elsewhere := _not_for_checkout(request, basket):
        return elsewhere
    if request.method != "POST":
        hold = holds.kept_hold(basket.token)
        told = _kept_contact(hold) or contact_of(request.user)
        fields = contact_fields(told)
        return _show_contact(request, basket, hold, facts={"fields": fields})
    form = ContactForm(request.POST)
    if not form.is_valid():
        return _show_mistakes(request, basket, form)
    told = Contact(**form.cleaned_data)
    if not holds.remember_on_fitting(basket, told, minutes=EXTEND_BELOW):
        try:
            _hold(request)
        except REFUSALS as refusal:
            return _refuse(request, refusal)
        holds.remember_contact(basket.token, told)
    return see_other("shop:checkout_order")


def _not_for_checkout(
    request: HttpRequest, basket: PricedBasket
) -> HttpResponse | None:
    """Where a basket that cannot be ordered as it is belongs."""
    if not basket.lines:
        return _left_checkout(request)
    if basket.gone:
        return see_other("shop:basket")
    return see_other("shop:pick_up") if basket.slot is None else None


def _kept_contact(hold: Hold | None) -> dict[str, str]:
    """What was typed before, also when the hold it was kept on is over."""
    return hold.contact if hold else {}


def _show_mistakes(
    request: HttpRequest, basket: PricedBasket, form: ContactForm
) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    hold = holds.kept_hold(basket.token)
    facts = {"has_mistakes": True}
    return _show_contact(request, basket, hold, facts=facts, form=form, status=status)


def _show_contact(
    request: HttpRequest,
    basket: PricedBasket,
    hold: Hold | None,
    *,
    facts: Row,
    **context: Any,
) -> HttpResponse:
    facts["is_known"] = request.user.is_authenticated
    return _show(request, "contact", basket, hold, facts=facts, **context)


def _left_checkout(request: HttpRequest) -> HttpResponse:
    """Back button or reload after ordering: the order. Otherwise the basket."""
    order = order_already_placed(request)
    return _to_order(request, order) if order else see_other("shop:basket")


# --- second screen -----------------------------------------------------------------


@never_cache
@same_origin_post
@page_with_form
@remembering()
def order(request: HttpRequest) -> HttpResponse:
    """Check the answers, then order. Pressed twice, it is one order and its page."""
    if request.method == "POST":
        return _place(request)
    basket = priced(request.basket.contents())
    if elsewhere := _not_for_checkout(request, basket):
        return elsewhere
    hold = holds.kept_hold(basket.token)
    told = Contact.from_facts(_kept_contact(hold))
    if told is None:
        return see_other("shop:checkout_contact")
    return _show_order(request, basket, hold, told)


def _place(request: HttpRequest) -> HttpResponse:
    contents = request.basket.contents()
    if request.POST.get("basket") != basket_mark(contents.token):
        return _other_basket(request)
    if not contents.lines:  # emptied in another tab; an earlier order is not this one
        return _empty(request, read_page(contents))
    form = ContactForm(request.POST)
    if not form.is_valid():
        basket = priced(contents)
        return _not_for_checkout(request, basket) or _show_mistakes(
            request, basket, form
        )
    told = Contact(**form.cleaned_data)
    try:
        placed = place_order(
            contents,
            contact=told,
            seen_total_cents=_number(request.POST.get("seen_total")),
            version=_number(request.POST.get("version")),
            customer=customer_of(request.user),
        )
    except (PriceRose, BasketChanged) as refusal:
        return _ask_again(request, told, refusal)
    except REFUSALS as refusal:
        return _refuse(request, refusal)
    start_payment(placed.order, placed.payment)
    return _to_order(request, placed.order, is_new=placed.is_new)


def _other_basket(request: HttpRequest) -> HttpResponse:
    """The page was made for a basket that is an order now, or for no basket of ours."""
    order = order_already_placed(request)
    if order and request.POST.get("basket") == basket_mark(order.basket_token):
        return _to_order(request, order)
    page = read_page(request.basket.contents())
    problem = "This page was out of date. Nothing was ordered; here is your basket."
    return show_basket(request, page, status=HTTPStatus.CONFLICT, problem=problem)


def _ask_again(
    request: HttpRequest, told: Contact, refusal: PriceRose | BasketChanged
) -> HttpResponse:
    """409: the page once more with today's basket and total, to be pressed again."""
    sentence = str(refusal)
    if isinstance(refusal, PriceRose):
        seen, now = money(refusal.seen_cents), money(refusal.now_cents)
        sentence = f"The total has risen from {seen} to {now} since you saw it."
    basket = priced(request.basket.contents())
    if elsewhere := _not_for_checkout(request, basket):
        return elsewhere
    hold = holds.kept_hold(basket.token)
    return _show_order(request, basket, hold, told, problem=sentence)


def _show_order(
    request: HttpRequest,
    basket: PricedBasket,
    hold: Hold | None,
    told: Contact,
    *,
    problem: str = "",
) -> HttpResponse:
    facts = order_facts(basket, told, problem)
    status = HTTPStatus.CONFLICT if problem else HTTPStatus.OK
    return _show(
        request, "order", basket, hold, facts=facts, problem=problem, status=status
    )


def _to_order(
    request: HttpRequest, order: Order, *, is_new: bool = False
) -> HttpResponse:
    """303 to the order's page; the shopper goes on with the next, empty basket."""
    basket = go_on_with_next_basket(request, order if is_new else None)
    has_account = request.user.is_authenticated
    if has_account:
        bring_back(basket, request.user)
    # Nobody has put anything yet into what follows a basket that was ordered just now,
    # but for what an account had put aside.
    is_empty = is_new and not has_account
    contents = Contents(basket.token) if is_empty else basket.contents()
    response = see_order(order)
    remember_order(response, order)
    show_badge(request, response, priced(contents, pictures=False))
    return response


def _show(
    request: HttpRequest,
    screen: str,
    basket: PricedBasket,
    hold: Hold | None,
    *,
    status: int = HTTPStatus.OK,
    facts: Row,
    **context: object,
) -> HttpResponse:
    """One of the two screens, with the summary and how long it is kept."""
    fits = hold is not None and hold.is_live and _fits(hold, basket)
    page = basket_words(basket, hold if fits else None) | facts
    page["warnings"] = warnings_of_basket(basket, avoided_by(request))
    context["page"] = [page]
    return render(request, f"shop/checkout_{screen}.html", context, status=status)


def _number(text: str | None) -> int:
    """A hidden number of the page; NO_NUMBER, which fits nothing, for nonsense."""
    is_number = text and text.isascii() and text.isdigit() and len(text) <= 12
    return int(text) if is_number else NO_NUMBER
