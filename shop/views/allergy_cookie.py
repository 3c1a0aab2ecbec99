"""What the shopper asked to be warned of, also for pages that do not know them.

Catalogue pages are the same for everybody, so script compares their labels with a
cookie it may read. Pages that are one shopper's own compare on the server.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from django.conf import settings
from django.contrib.auth import SESSION_KEY as LOGGED_IN
from django.http import HttpRequest, HttpResponse

from shop.allergies import COOKIE_NAME, cookie_value
from shop.models import Customer

NOT_FOR_SHOPPERS = ("/staff/", "/admin/")


def avoided_by(request: HttpRequest) -> list[str]:
    """The codes the customer who is logged in asked to be warned of; [] for others.

    At most one query beside that for the log-in, none for who has no session; and none
    the second time.
    """
    if not hasattr(request, "avoided"):
        request.avoided = _read(request)
    return request.avoided


def avoid(request: HttpRequest, codes: Collection[str]) -> None:
    """They were changed by this request: the answer carries the new cookie."""
    request.avoided = list(codes)


def _read(request: HttpRequest) -> list[str]:
    # Without a log-in in the session nobody need be looked for.
    if LOGGED_IN not in getattr(request, "session", ()):
        return []
    user = request.user
    if not user.is_authenticated:
        return []
    rows = Customer.objects.filter(user=user).values_list("allergies", flat=True)
    return rows.first() or []


class AllergyCookieMiddleware:
    """Keeps the cookie in step with the log-in: set while it lasts, then taken away.

    Looks only at answers whose making has asked who is logged in, so pages for
    everybody are left alone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.session.accessed:
            return response
        shown = request.COOKIES.get(COOKIE_NAME)
        if LOGGED_IN not in request.session:
            if shown is not None:
                response.delete_cookie(COOKIE_NAME, samesite="Lax")
        elif not request.path.startswith(NOT_FOR_SHOPPERS):
            _keep_in_step(request, response, shown)
        return response


def _keep_in_step(
    request: HttpRequest, response: HttpResponse, shown: str | None
) -> None:
    """Asks the database only if the page did, or if there is no cookie yet."""
    if shown is not None and not hasattr(request, "avoided"):
        return
    value = cookie_value(avoided_by(request))
    if value != shown:
        response.set_cookie(
            COOKIE_NAME,
            value,
            max_age=settings.SESSION_COOKIE_AGE,
            secure=settings.HTTPS,
            httponly=False,
            samesite="Lax",
        )
