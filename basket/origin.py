"""Refuses changes that another site's page asks for, without a token in the page.

Pages that every shopper shares cannot hold a CSRF token. What browsers say about
where a request comes from cannot be forged by a page, and is proof enough.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from basket.exceptions import ForeignOrigin

SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}
DEFAULT_PORTS = {"http": 80, "https": 443}


def same_origin_post(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For storefront views: no CSRF token needed, but our own page must have asked.

    Raises ForeignOrigin, before the view is entered, for an unsafe method that no
    page of this shop sent.
    """

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if request.method not in SAFE_METHODS and not comes_from_us(request):
            raise ForeignOrigin()
        return view(request, *args, **kwargs)

    return guarded


def comes_from_us(request: HttpRequest) -> bool:
    """Whether the browser says that a page of this very origin sent the request.

    Sec-Fetch-Site decides where there is one: `same-origin`, or `none` (the shopper
    did it without any page) unless Origin names somebody else. Old browsers, and all
    on plain http, send Origin alone, which must be ours. Neither is a refusal.
    """
    site = request.META.get("HTTP_SEC_FETCH_SITE")
    origin = request.META.get("HTTP_ORIGIN")
    if site is None:
        return origin is not None and _is_ours(origin, request)
    if site == "none":
        return origin is None or _is_ours(origin, request)
    return site == "same-origin"


def _is_ours(origin: str, request: HttpRequest) -> bool:
    ours = (f"{request.scheme}://{request.get_host()}", settings.SITE_URL)
    asked = _parts(origin)
    return asked is not None and asked in map(_parts, ours)


def _parts(origin: str) -> tuple[str, str, int | None] | None:
    """Scheme, host and port; None for what is no origin, such as `null`."""
    try:
        url = urlsplit(origin)
        port = url.port or DEFAULT_PORTS.get(url.scheme)
    except ValueError:
        return None
    if not url.scheme or not url.hostname:
        return None
    return url.scheme, url.hostname, port
