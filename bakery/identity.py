"""Every response says who made it, and every request leaves one line in the log."""

from __future__ import annotations

import logging
import os
import random
import re
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.signals import request_finished
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

from bakery import measures
from bakery.logs import PROBES, request_id
from bakery.records import Records

logger = logging.getLogger("bakery.access")

WORDS = "%s %s %s %s ms"
WELL_FORMED = re.compile(r"[0-9a-f-]{32,36}")

_records = Records(logger, WORDS, __file__, "_log")
# The ids are no secret, and the kernel's numbers cost a call of it for each request.
_chance = random.Random()  # nosec B311
os.register_at_fork(after_in_child=_chance.seed)


class IdentityMiddleware:
    """Stands outermost, so that errors and static files are named and counted too.

    The request's id is the balancer's if it is well-formed, and one of our own
    otherwise; every log record of the request carries it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        request.id = _id_of(request.META.get("HTTP_X_REQUEST_ID", ""))
        request_id.set(request.id)
        if request.path in PROBES:
            return self._named(request, began, is_waited_for=False)
        measures.request_begun()
        try:
            return self._named(request, began, is_waited_for=True)
        except BaseException:
            measures.request_given_up()
            raise

    def _named(
        self, request: HttpRequest, began: float, *, is_waited_for: bool
    ) -> HttpResponse:
        response = self.get_response(request)
        response.headers["X-Served-By"] = settings.CLONE_ID
        response.headers["X-Release"] = settings.RELEASE
        seconds = time.perf_counter() - began
        _log(request.method, request.path, response.status_code, seconds)
        measures.request_answered(
            response.status_code, seconds, was_begun=is_waited_for
        )
        return response


def answered(given: str, method: str, path: str, status: int, began: float) -> None:
    """Log and count an answer that does not come from Django.

    `given` is the balancer's id for it or "", `began` is time.perf_counter() of its
    beginning.
    """
    seconds = time.perf_counter() - began
    request_id.set(_id_of(given))
    try:
        _log(method, path, status, seconds)
    finally:
        request_id.set("")
    measures.request_answered(status, seconds)


@receiver(request_finished, dispatch_uid="forget the request's id")
def _forget_id(**kwargs: Any) -> None:
    # Not at the end of the middleware: Django logs refusals after all of that.
    request_id.set("")


def _id_of(given: str) -> str:
    if given and WELL_FORMED.fullmatch(given):
        return given
    return f"{_chance.getrandbits(128):032x}"


def _log(method: str, path: str, status: int, seconds: float) -> None:
    """Method, path without the query, status, milliseconds; probes for debugging."""
    milliseconds = round(seconds * 1000, 1)
    level = logging.DEBUG if path in PROBES else logging.INFO
    if not logger.isEnabledFor(level):
        return
    facts = {
        "event": "request",
        "method": method,
        "path": path,
        "status": status,
        "ms": milliseconds,
    }
    words = (method, path, status, milliseconds)
    logger.handle(_records.make(level, words, facts))
