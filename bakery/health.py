"""What a load balancer or an operator asks: does it live, may it have customers?"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache

from bakery.caches import answers
from bakery.contracting import taken_away
from bakery.draining import is_draining
from bakery.living import WEB, Pulse
from bakery.phases import Name, applied, label, needed

ANSWER_SECONDS = 0.25
T = TypeVar("T")

_asking = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ready")
_beating = ThreadPoolExecutor(max_workers=1, thread_name_prefix="beat")
_pulse = Pulse(WEB)


@never_cache
def up(request: HttpRequest) -> HttpResponse:
    """The process lives. Touches nothing: no database, no file, no session."""
    return HttpResponse("up\n", content_type="text/plain")


@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """503 while migrations are missing or the server drains; 200 otherwise.

    A migration that only takes away is never missed. A release that needs what was
    taken away is outdated, 503; one that is merely older than the database serves.
    A database or a cache that is away is said in the body, not in the status: it is
    away from every server at once, and a balancer that sends all of them off has
    nobody left to say sorry. Answers within half a second whatever hangs, because
    a balancer takes a later answer for none. With ?draining=404 a server that drains
    says so by that status: by it HAProxy knows it from one that is down.
    """
    if is_draining():
        return _answer("draining", 404 if _told_by_404(request) else 503)
    cache_is = "up" if answers("default") else "away"
    try:
        missing, gone = _in_time(_compare_migrations)
    except (DatabaseError, TimeoutError):
        return _answer("degraded", 200, database="away", cache=cache_is)
    _say_that_we_live()
    if missing:
        return _answer("starting", 503, database="up", migrations=missing)
    if gone:
        return _answer("outdated", 503, database="up", migrations=gone)
    status = "ready" if cache_is == "up" else "degraded"
    return _answer(status, 200, database="up", cache=cache_is)


def _told_by_404(request: HttpRequest) -> bool:
    return request.GET.get("draining") == "404"


def missing_migrations() -> list[str]:
    """Names of migrations this release needs and the database has not had yet.

    Those that only take away (`contract = True`) it does not need. One or two queries;
    the files are read once in the life of a process.
    """
    return _missing(applied())


def _missing(had: set[Name]) -> list[str]:
    return [label(name) for name in needed() if name not in had]


def _compare_migrations() -> tuple[list[str], list[str]]:
    """What is missing, and what was taken away although this release needs it."""
    had = applied()
    missing = _missing(had)
    return missing, [] if missing else taken_away(had)


def _say_that_we_live() -> None:
    """In a fleet, now and then, and beside the request, which does not wait for it."""
    if settings.FLEET and _pulse.is_due():
        _beating.submit(_and_hang_up, _pulse.beat)


def _in_time(ask: Callable[[], T]) -> T:
    """What ask() returns. Raises TimeoutError; then it goes on beside the request.

    Each process asks one thing at a time, so a database that hangs holds one thread.
    """
    asked = _asking.submit(_and_hang_up, ask)
    try:
        return asked.result(ANSWER_SECONDS)
    except TimeoutError:
        asked.cancel()  # if it has not begun: nobody waits for it any more
        raise


def _and_hang_up(ask: Callable[[], T]) -> T:
    try:
        return ask()
    finally:
        connection.close()


def _answer(status: str, code: int, **facts: object) -> JsonResponse:
    body = {"status": status, "release": settings.RELEASE, **facts}
    return JsonResponse(body, status=code)
