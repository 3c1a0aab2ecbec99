"""Gives each request its basket, and each new shopper the cookie that finds it.

It stands outside everything that may cache a page: the page itself is the same for
all, and only this layer adds what is one shopper's own.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, parse_cookie

from basket import tokens
from basket.basket import ShopperBasket
from basket.configured import Configured, configured
from basket.cookies import set_cookie
from basket.lifetime import COOKIE_SECONDS

NOT_FOR_SHOPPERS = ("/staff/", "/admin/")
LONGEST_REMEMBERED = 1_000  # characters of all cookies of a request together
CONDITIONS = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE")
FROM_BALANCER = "HTTP_" + tokens.BALANCER_HEADER.upper().replace("-", "_")


class BasketMiddleware:
    """Sets request.basket; issues the cookie with the first page a shopper sees.

    With the first page and not with the first change, so that many first changes at
    once meet in one basket. The response to a shopper who has the cookie is left as
    it is, byte by byte, unless the basket was changed or led on to the next. So is a
    page for everybody if the balancer says that it adds the cookie: it can keep the
    page then, for others who are new.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        cookie_value = request.COOKIES.get(settings.BASKET_COOKIE_NAME)
        request.basket = ShopperBasket(cookie_value)
        if _wants_first_page(request):
            _ask_for_the_whole(request)
        response = self.get_response(request)
        if request.basket.cookie_is_due or _brings_cookie(request, response):
            _issue(response, request.basket.token)
        return response


def has_basket_cookie(environ: dict[str, Any]) -> bool:
    """Does the WSGI request come with a cookie that we issued?"""
    cookies = environ.get("HTTP_COOKIE")
    if not cookies:
        return False
    if len(cookies) > LONGEST_REMEMBERED:
        return _hold_ours(cookies, configured())
    return _are_known_to_hold_ours(cookies, configured())


def _hold_ours(cookies: str, told: Configured) -> bool:
    if told.cookie_name not in cookies:
        return False
    return tokens.read(parse_cookie(cookies).get(told.cookie_name)) is not None


# A shopper brings the same ones with page after page.
_are_known_to_hold_ours = lru_cache(maxsize=1_000)(_hold_ours)


def is_issued_by_balancer(environ: dict[str, Any]) -> bool:
    """Does our balancer add the cookie, if what it is answered is for everybody?"""
    mark = environ.get(FROM_BALANCER)
    return mark is not None and tokens.is_mark_of_balancer(mark)


def cookie_of_first_page() -> list[tuple[str, str]]:
    """The headers that make a page for everybody a new shopper's first page."""
    token = tokens.new_token()
    privacy, before, after = _first_page(configured(), int(time.time()))
    return [privacy, ("Set-Cookie", f"{before}{tokens.sign(token)}{after}")]


@lru_cache(maxsize=4)
def _first_page(told: Configured, second: int) -> tuple[tuple[str, str], str, str]:
    """Cache-Control, and the cookie around its value: the same for a second."""
    response = HttpResponse()
    _issue(response, tokens.new_token())
    cookie = response.cookies[told.cookie_name]
    before, after = cookie.output(header="").strip().split(cookie.value)
    return ("Cache-Control", response["Cache-Control"]), before, after


def _wants_first_page(request: HttpRequest) -> bool:
    return (
        request.method == "GET"
        and not request.basket.has_cookie
        and not request.path.startswith(NOT_FOR_SHOPPERS)
        and "text/html" in request.META.get("HTTP_ACCEPT", "")
    )


def _ask_for_the_whole(request: HttpRequest) -> None:
    """Who kept the page but lost the cookie gets the page again, with a cookie."""
    for condition in CONDITIONS:
        request.META.pop(condition, None)


def _brings_cookie(request: HttpRequest, response: HttpResponse) -> bool:
    return _is_first_page(request, response) and not _is_left(request, response)


def _is_first_page(request: HttpRequest, response: HttpResponse) -> bool:
    return (
        request.method == "GET"
        and response.status_code == 200
        and not request.basket.has_cookie
        and not request.path.startswith(NOT_FOR_SHOPPERS)
        and response.get("Content-Type", "").startswith("text/html")
    )


def _is_left(request: HttpRequest, response: HttpResponse) -> bool:
    """Is the cookie the balancer's to issue? The balancer judges by the same facts."""
    return (
        "public" in response.get("Cache-Control", "")
        and not response.cookies
        and is_issued_by_balancer(request.META)
    )


def _issue(response: HttpResponse, token: str) -> None:
    set_cookie(
        response,
        settings.BASKET_COOKIE_NAME,
        tokens.sign(token),
        max_age=COOKIE_SECONDS,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )
    _keep_private(response)


def _keep_private(response: HttpResponse) -> None:
    """No cache may hand one shopper's cookie to another."""
    if "no-store" not in response.get("Cache-Control", ""):
        response["Cache-Control"] = "private, no-cache"
