"""What a load balancer or an operator asks: does it live, may it have customers?"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache

from bakery.caches import answers
from bakery.draining import is_draining

ANSWER_SECONDS = 0.25
T = TypeVar("T")

_asking = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ready")


@never_cache
def up(request: HttpRequest) -> HttpResponse:
    """The process lives. Touches nothing: no database, no file, no session."""
    return HttpResponse("up\n", content_type="text/plain")


@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """503 while migrations are missing or the server drains; 200 otherwise.

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
        missing = _in_time(missing_migrations)
    except (DatabaseError, TimeoutError):
        return _answer("degraded", 200, database="away", cache=cache_is)
    if missing:
        return _answer("starting", 503, database="up", migrations=missing)
    status = "ready" if cache_is == "up" else "degraded"
    return _answer(status, 200, database="up", cache=cache_is)


def _told_by_404(request: HttpRequest) -> bool:
    return request.GET.get("draining") == "404"


def missing_migrations() -> list[str]:
    """Names of migrations this release needs and the database has not had yet.

    One or two queries; the files are read once in the life of a process.
    """
    had = MigrationRecorder(connection).applied_migrations()
    return [f"{app}.{name}" for app, name in _needed() if (app, name) not in had]


@cache
def _needed() -> list[tuple[str, str]]:
    return sorted(MigrationLoader(None).graph.nodes)


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
