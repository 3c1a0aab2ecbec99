"""The basket page and its changes. Never cached; every POST leads to a GET."""

from __future__ import annotations

import datetime as dt
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

from basket.exceptions import LineTooLarge, TooManyLines
from basket.operations import operation_of
from basket.origin import same_origin_post
from shop import choices
from shop.exceptions import BadChoice
from shop.models import Variant
from shop.remembered import remembering
from shop.shopping import PricedBasket, PricedLine, priced
from shop.templatetags.money import money
from shop.views import add_again
from shop.views.basket_answer import see_other, show_badge, show_basket
from shop.views.basket_page import Wrong, read_page
from shop.views.methods import page_with_form
from shop.views.told import hush, tell, told
from shop.views.uncached import never_cache


@never_cache
@require_safe
@remembering()
def basket(request: HttpRequest) -> HttpResponse:
    """The page itself; what the last press did is said on it."""
    said = told(request)
    response = show_basket(request, read_page(request.basket.contents()), told=said)
    if said.get("kind") == "added":
        hush(request, response)
    return response


# --- adding ------------------------------------------------------------------------


@never_cache
@same_origin_post
@page_with_form
@remembering(may_be_old=True)  # the basket's page and checkout look again
def add(request: HttpRequest) -> HttpResponse:
    """More pieces of something, chosen in some way. Repeatable by its operation."""
    if request.method != "POST":
        return see_other("shop:basket")
    variant = None
    try:
        variant = choices.find_variant(request.POST.get("sku", ""))
        chosen = choices.parse_choices(variant, request.POST)
        most = variant.product.max_per_order
        quantity = choices.parse_quantity(request.POST.get("quantity", "1"), most=most)
        return _add(request, variant, chosen, quantity, _posted_day(request))
    except BadChoice as wrong:
        return add_again.page(request, variant, wrong)


def _add(
    request: HttpRequest,
    variant: Variant,
    chosen: choices.Choices,
    quantity: int,
    day: dt.date | None,
) -> HttpResponse:
    item = choices.item_key(variant, chosen)
    details = choices.line_details(variant, chosen)
    operation = operation_of(request, "add", item, str(quantity))
    facts = _facts_of(day)
    try:
        held = request.basket.add(
            item,
            quantity,
            operation=operation,
            details=details,
            facts=facts,
            unless="slot",
        )
    except (LineTooLarge, TooManyLines) as full:
        raise BadChoice(full.message, field="quantity") from full
    now = priced(request.basket.contents(), pictures=False)
    response = _added(request, variant, held.quantity, now)
    show_badge(request, response, now)
    return response


def _added(
    request: HttpRequest, variant: Variant, held: int, now: PricedBasket
) -> HttpResponse:
    if request.META.get("HTTP_X_FRAGMENT") == "add":
        items = "1 item" if now.pieces == 1 else f"{now.pieces} items"
        words = f"{variant} added. Basket: {items}, {money(now.total_cents)}."
        answer = {"ok": True, "say": words, "button": f"Added – {held} in basket"}
        return JsonResponse(answer)
    response = see_other("shop:basket")
    tell(response, "added", name=str(variant), back=_back(request))
    return response


def _posted_day(request: HttpRequest) -> dt.date | None:
    text = request.POST.get("day", "")
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise BadChoice("There is no such pick-up day.", field="day") from None


def _facts_of(day: dt.date | None) -> dict[str, object] | None:
    """The day of the page it was added on, until a pick-up time has been chosen."""
    return None if day is None else {"day": day.isoformat(), "slot": None}


def _back(request: HttpRequest) -> str:
    """Where to go on choosing: a path of our own, or nothing."""
    path = request.POST.get("next", "")[:300]
    is_ours = path.startswith("/") and url_has_allowed_host_and_scheme(path, None)
    return path if is_ours else ""


# --- changing ----------------------------------------------------------------------


@never_cache
@same_origin_post
@page_with_form
@remembering()
def change(request: HttpRequest) -> HttpResponse:
    """Make a line hold exactly so many pieces; 0 takes it out. Repeatable."""
    if request.method != "POST":
        return see_other("shop:basket")
    item = request.POST.get("item", "")
    typed = request.POST.get("set", request.POST.get("quantity", ""))
    now = priced(request.basket.contents(), pictures=False)
    line = next((each for each in now.lines if each.item == item), None)
    if line is None:
        return _not_there(request, typed)
    try:
        quantity = choices.parse_quantity(typed, least=0, most=_most(line))
    except BadChoice as wrong:
        return _wrong_quantity(request, Wrong(item, typed, str(wrong)))
    operation = operation_of(request, "put", item, str(quantity))
    request.basket.put(item, quantity, operation=operation)
    return _changed(request, line, quantity)


def _most(line: PricedLine) -> int:
    return line.product.max_per_order if line.product else choices.MAX_QUANTITY


def _changed(request: HttpRequest, line: PricedLine, quantity: int) -> HttpResponse:
    undo = _undo(line) if quantity == 0 and not line.gone else {}
    if request.META.get("HTTP_X_FRAGMENT") == "set":
        page = read_page(request.basket.contents())
        return show_basket(request, page, told=undo | _words(line, quantity))
    response = see_other("shop:basket")
    if undo:
        tell(response, **undo)
    else:
        hush(request, response)
    show_badge(request, response, priced(request.basket.contents(), pictures=False))
    return response


def _undo(line: PricedLine) -> dict[str, object]:
    """What it takes to put the line back: the fields of an add."""
    options = [
        (choices.FIELD + fact["group"], fact.get("option") or fact.get("text", ""))
        for fact in (choice.as_fact() for choice in line.choices)
    ]
    return {
        "kind": "removed",
        "name": line.name,
        "sku": line.sku,
        "quantity": line.quantity,
        "options": options,
    }


def _words(line: PricedLine, quantity: int) -> dict[str, str]:
    """For those who hear the page: what the script's press did."""
    return {"say": f"{line.name}: {quantity or 'none'} in your basket."}


def _wrong_quantity(request: HttpRequest, wrong: Wrong) -> HttpResponse:
    """422, nothing changed. The page keeps what was typed; the script rolls back."""
    page = read_page(request.basket.contents(), wrong)
    return show_basket(request, page, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _not_there(request: HttpRequest, typed: str) -> HttpResponse:
    """A line that another tab took out. Taking it out again is what was wished."""
    if typed.strip() == "0":
        return _gone_already(request)
    problem = "This is no longer in your basket: another page took it out."
    page = read_page(request.basket.contents())
    return show_basket(request, page, status=HTTPStatus.CONFLICT, problem=problem)


def _gone_already(request: HttpRequest) -> HttpResponse:
    """As when it was this press that took the line out; perhaps it was."""
    if request.META.get("HTTP_X_FRAGMENT") == "set":
        return show_basket(request, read_page(request.basket.contents()))
    return see_other("shop:basket")
