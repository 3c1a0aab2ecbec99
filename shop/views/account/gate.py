"""Who may open the account's own pages: whoever is logged in, and only for theirs."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from shop.customers import own_customer
from shop.views.uncached import never_cache


def own_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Calls view(request, customer, ...) for whoever is logged in; kept by no cache.

    Others are sent to the log-in page and come back afterwards. An account whose
    address is not proved has no customer yet: it is sent to prove it.
    """

    @never_cache
    @wraps(view)
    def page(request: HttpRequest, *args: object, **path: object) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(_back_to(request))
        customer = own_customer(request.user)
        if customer is None:
            return redirect("account_email")
        return view(request, customer, *args, **path)

    return page


def _back_to(request: HttpRequest) -> str:
    """A press cannot be repeated after a log-in, so its page is where to go on."""
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    return reverse("account_pages:overview")
