"""Every response says who made it, and every request leaves one line in the log."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from django.conf import settings
from django.core.signals import request_finished
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

from bakery import measures
from bakery.logs import PROBES, request_id

logger = logging.getLogger("bakery.access")

WELL_FORMED = re.compile(r"[0-9a-f-]{32,36}")


class IdentityMiddleware:
    """Stands outermost, so that errors and static files are named and counted too.

    The request's id is the balancer's if it is well-formed, and one of our own
    otherwise; every log record of the request carries it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        request.id = _id_of(request.headers.get("X-Request-ID", ""))
        request_id.set(request.id)
        with nullcontext() if request.path in PROBES else measures.one_more_under_way():
            response = self.get_response(request)
        response["X-Served-By"] = settings.CLONE_ID
        response["X-Release"] = settings.RELEASE
        answered(request.method, request.path, response.status_code, began)
        return response


@contextmanager
def of_request(given: str) -> Iterator[None]:
    """For an answer that does not come from Django."""
    request_id.set(_id_of(given))
    try:
        yield
    finally:
        request_id.set("")


def answered(method: str, path: str, status: int, began: float) -> None:
    """Log and count it. `began` is time.perf_counter() of its beginning."""
    seconds = time.perf_counter() - began
    _log(method, path, status, seconds)
    measures.request_answered(status, seconds)


@receiver(request_finished, dispatch_uid="forget the request's id")
def _forget_id(**kwargs: Any) -> None:
    # Not at the end of the middleware: Django logs refusals after all of that.
    request_id.set("")


def _id_of(given: str) -> str:
    return given if WELL_FORMED.fullmatch(given) else secrets.token_hex(16)


def _log(method: str, path: str, status: int, seconds: float) -> None:
    """Method, path without the query, status, milliseconds; probes for debugging."""
    milliseconds = round(seconds * 1000, 1)
    level = logging.DEBUG if path in PROBES else logging.INFO
    logger.log(
        level, "%s %s %s %s ms", method, path, status, milliseconds,
        extra={
            "event": "request",
            "method": method,
            "path": path,
            "status": status,
            "ms": milliseconds,
        },
    )  # fmt: skip
