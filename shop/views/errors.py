"""Pages for what went wrong.

None of them needs the database: what would make a page better but needs a query is
left out when the database does not answer.
"""

from __future__ import annotations

import logging
import sys
from http import HTTPStatus

from django.db import DataError, InterfaceError, OperationalError
from django.db import Error as DatabaseProblem
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template import loader

from basket.exceptions import BasketError, BasketUnavailable, ForeignOrigin
from shop import search
from shop.exceptions import CheckoutError, InAMoment, TooManyHolds
from shop.views.uncached import never_cache

logger = logging.getLogger(__name__)

RETRY_SECONDS = 5
HOLDS_RETRY_SECONDS = 300
LIMIT_RETRY_SECONDS = 300
AWAY = (OperationalError, InterfaceError)
SECRET = "password"  # in a field's name: it is never given back into a page
MOST_FIELDS = 60
# The shell round a page tells opening hours and categories; without, it tells none.
WITHOUT_DATABASE = {"shell": None}


# --- what the shop refuses ---------------------------------------------------------


def page_for(request: HttpRequest, error: Exception) -> HttpResponse | None:
    """The page for an error of the shop's own families; None for any other error."""
    if isinstance(error, ForeignOrigin):
        return press_again(request, error.message, status=403)
    if isinstance(error, BasketUnavailable):
        return away(request)
    if isinstance(error, BasketError):
        return refused(request, error.message, status=422)
    if isinstance(error, CheckoutError):
        response = refused(request, str(error), status=error.status)
        if isinstance(error, TooManyHolds):
            response["Retry-After"] = str(HOLDS_RETRY_SECONDS)
        if isinstance(error, InAMoment):
            response["Retry-After"] = str(error.retry_seconds)
        return response
    if isinstance(error, AWAY):
        logger.error("database away", exc_info=error)
        return away(request)
    if isinstance(error, DataError):
        # Such as a NUL in a session cookie: PostgreSQL cannot even look for one.
        logger.warning("nothing a database can hold: %s", request.path, exc_info=error)
        return bad_request(request, error)
    return None


@never_cache
def refused(request: HttpRequest, sentence: str, *, status: int) -> HttpResponse:
    """One sentence on what was not done and why, and the ways on."""
    if told := _told(request, sentence, status):
        return told
    return render(request, "shop/refused.html", {"sentence": sentence}, status=status)


@never_cache
def press_again(request: HttpRequest, sentence: str, *, status: int) -> HttpResponse:
    """Offers everything that was posted again, so that nothing is typed twice."""
    if told := _told(request, sentence, status):
        return told
    fields = _fields_to_offer(request)
    context = {
        "sentence": sentence,
        "status": status,
        "fields": fields,
        "path": request.get_full_path(),
    } | WITHOUT_DATABASE
    return render(request, "shop/press_again.html", context, status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that came from elsewhere, or was open for too long."""
    logger.warning("csrf check failed: path=%s reason=%s", request.path, reason)
    sentence = "This page was open for a long time, or came from another site."
    return press_again(request, sentence, status=403)


def away(request: HttpRequest) -> HttpResponse:
    """503 with Retry-After. What was posted is offered again: it may have been lost."""
    sentence = "We cannot reach our own books just now."
    if request.method == "POST":
        return _retry_later(press_again(request, sentence, status=503))
    return _retry_later(_static_page("503.html", 503))


def _told(request: HttpRequest, sentence: str, status: int) -> HttpResponse | None:
    """For the script that adds to the basket: the sentence alone."""
    if request.META.get("HTTP_X_FRAGMENT") == "add":
        return JsonResponse({"ok": False, "say": sentence}, status=status)
    return None


def _fields_to_offer(request: HttpRequest) -> list[tuple[str, str]] | None:
    """What was posted, as pairs; None when it must be typed again."""
    names = [name for name in request.POST if name != "csrfmiddlewaretoken"]
    if request.FILES or any(SECRET in name.lower() for name in names):
        return None
    pairs = [(name, value) for name in names for value in request.POST.getlist(name)]
    return pairs if len(pairs) <= MOST_FIELDS else None


def too_many(request: HttpRequest) -> HttpResponse:
    """429: a limit on log-ins, sign-ups or mails, the same whoever is asked about."""
    sentence = "That was very often in a short time. Please wait a few minutes."
    response = refused(request, sentence, status=429)
    response["Retry-After"] = str(LIMIT_RETRY_SECONDS)
    return response


# --- Django's handlers -------------------------------------------------------------


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 with a search box, and the products whose names come near the address."""
    try:
        return render(request, "404.html", _nearest(request.path), status=404)
    except DatabaseProblem:
        return render(request, "404.html", WITHOUT_DATABASE, status=404)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403, for people who are logged in and look where they may not."""
    try:
        return render(request, "403.html", status=403)
    except DatabaseProblem:
        return render(request, "403.html", WITHOUT_DATABASE, status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _static_page("400.html", 400)


def server_error(request: HttpRequest) -> HttpResponse:
    """500; 503 if it is the database that does not answer."""
    if isinstance(sys.exc_info()[1], AWAY):
        return _retry_later(_static_page("503.html", 503))
    return _static_page("500.html", 500)


def _nearest(path: str) -> dict[str, object]:
    """Products whose name is like the last word of /product/milk-bred/."""
    kind, _, slug = path.strip("/").partition("/")
    words = slug.replace("-", " ").replace("/", " ").strip()[:80]
    if kind not in {"product", "category"} or not words:
        return {}
    return {"words": words, "nearest": search.find(words, limit=3)}


def _static_page(template: str, status: int) -> HttpResponse:
    page = loader.render_to_string(template)
    response = HttpResponse(page, status=HTTPStatus(status))
    response["Cache-Control"] = "no-store"
    return response


def _retry_later(response: HttpResponse) -> HttpResponse:
    response["Retry-After"] = str(RETRY_SECONDS)
    return response
