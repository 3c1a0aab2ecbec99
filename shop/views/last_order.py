"""Finding the order that a shopper has just placed: back button, second press, tab.

Whoever presses again comes with the cookie of the ordered basket, or already with
that of the next one. Either way they get the order's page, never an empty basket.
"""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from basket import tokens
from basket.basket import ShopperBasket
from basket.cookies import set_cookie
from shop.checkout import order_of_basket
from shop.compiled import Compiled, Given
from shop.goods import find_slot
from shop.links import order_address
from shop.models import Order
from shop.views.order_parts import OrderParts

COOKIE_NAME = "last-order"
SECONDS = 24 * 60 * 60

_ORDER = Compiled(lambda: Order.objects.filter(secret=Given("secret")))
# The same with all that its page tells.
_WITH_PARTS = Compiled(
    lambda: Order.objects.filter(secret=Given("secret")).annotate(parts=OrderParts())
)


def basket_mark(token: str) -> str:
    """Tells in a page which basket it was made for, without giving its token away."""
    key = _mark_key(settings.SECRET_KEY)
    return hmac.digest(key, token.encode(), "sha256").hex()[:32]


@lru_cache(maxsize=2)
def _mark_key(secret_key: str) -> bytes:
    """As salted_hmac() derives one of its salt."""
    return hashlib.sha256(f"shop.checkout.page{secret_key}".encode()).digest()


def order_already_placed(request: HttpRequest) -> Order | None:
    """The order of the basket that the cookie names, or else the shopper's last one.

    At most two queries. Both cookies are unguessable, so it is their own order.
    """
    token = tokens.read(request.COOKIES.get(settings.BASKET_COOKIE_NAME))
    order = order_of_basket(token) if token else None
    if order is None:
        secret = request.COOKIES.get(COOKIE_NAME, "")
        order = find_order(secret)
    return order


def find_order(secret: str, *, with_parts: bool = False) -> Order | None:
    """The order with this secret; None for anything else that may be posted.

    With slot, place and bake day; `parts` for read_parts(), if told. One query for the
    order, one more for those where they are not remembered (shop/remembered.py).
    """
    if not (secret.isascii() and secret.isprintable() and 0 < len(secret) <= 43):
        return None
    order = (_WITH_PARTS if with_parts else _ORDER).first(secret=secret)
    if order:
        order.slot = find_slot(order.slot_id)
        order.bake_day = order.slot.bake_day
    return order


def see_order(order: Order) -> HttpResponseRedirect:
    """303 to the order's own page."""
    return HttpResponseRedirect(order_address(order), status=HTTPStatus.SEE_OTHER)


def remember_order(response: HttpResponse, order: Order) -> None:
    """So that the back button leads to the order's page for a day."""
    set_cookie(
        response,
        COOKIE_NAME,
        order.secret,
        max_age=SECONDS,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def go_on_with_next_basket(
    request: HttpRequest, ordered: Order | None = None
) -> ShopperBasket:
    """Read the cookie again: an ordered basket leads on to the next by itself.

    The next of a basket that this very request has `ordered` is known, and not read
    here. The middleware then sends the cookie of the next one.
    """
    if ordered:
        request.basket.go_on_with(tokens.next_token_of(ordered.basket_token))
    else:
        cookie = request.COOKIES.get(settings.BASKET_COOKIE_NAME)
        request.basket = ShopperBasket(cookie)
        request.basket.contents()
    return request.basket
