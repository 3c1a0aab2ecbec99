"""What all account pages have in common, and the second factor before staff pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode

from shop.accounts.baskets import leave_owned_basket
from shop.accounts.second_factor import is_demanded_of, page_that_asks, was_shown
from shop.shopping import priced
from shop.views import last_order, told
from shop.views.basket_answer import show_badge
from shop.views.errors import LIMIT_RETRY_SECONDS

ACCOUNT = "/account/"
STAFF = ("/staff/", "/admin/")
TOO_OFTEN = {"too_many_login_attempts", "rate_limited"}
SET_ONE_UP = (
    "People who work here log in with a second factor. "
    "Set one up now; it takes a minute."
)
SHOW_IT = "The staff pages need your second factor."


class AccountPagesMiddleware:
    """Kept by no cache; mistakes are 422, too many tries 429; the badge fits."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith(ACCOUNT):
            response["Cache-Control"] = "private, no-store"
        if getattr(request, "basket_changed_hands", False):
            _forget_the_other(request, response)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable, args: tuple, path: dict[str, Any]
    ) -> None:
        """A log-out whose answer was lost is sent again, and leads where it led."""
        if request.method != "POST" or not request.path.startswith(ACCOUNT):
            return
        if request.path != reverse("account_logout"):
            return
        if not request.user.is_authenticated and leave_owned_basket(request.basket):
            request.basket_changed_hands = True

    def process_template_response(
        self, request: HttpRequest, response: TemplateResponse
    ) -> TemplateResponse:
        if request.method == "POST" and request.path.startswith(ACCOUNT):
            codes = set(_codes(response.context_data or {}))
            if codes & TOO_OFTEN:
                response.status_code = 429
                response["Retry-After"] = str(LIMIT_RETRY_SECONDS)
            elif codes:
                response.status_code = 422
        return response


def _codes(context: dict[str, Any]) -> Iterator[str]:
    for form in context.values():
        if isinstance(form, BaseForm) and form.is_bound:
            for errors in form.errors.as_data().values():
                yield from (error.code or "invalid" for error in errors)


def _forget_the_other(request: HttpRequest, response: HttpResponse) -> None:
    """The badge is of the basket at hand; the last order's cookie goes at log-out."""
    contents = request.basket.contents()
    show_badge(request, response, priced(contents, pictures=False))
    if not request.user.is_authenticated:
        told.hush(request, response)
        response.delete_cookie(last_order.COOKIE_NAME, samesite="Lax")


class SecondFactorMiddleware:
    """No staff page and no admin page for a session that has not shown one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable, args: tuple, path: dict[str, Any]
    ) -> HttpResponse | None:
        if not request.path.startswith(STAFF) or getattr(view, "is_a_way_out", False):
            return None
        if not is_demanded_of(request.user) or was_shown(request):
            return None
        asks = page_that_asks(request.user)
        messages.info(request, SET_ONE_UP if asks == reverse("mfa_index") else SHOW_IT)
        safe = request.method in {"GET", "HEAD"}
        back = request.get_full_path() if safe else reverse("staff:dashboard")
        return HttpResponseRedirect(f"{asks}?{urlencode({'next': back})}")
