"""The shopper's own address behind a proxy."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from typing import Any


def behind_proxies(application: Callable, trusted: Container[str]) -> Callable:
    """The WSGI application with the shopper's address in REMOTE_ADDR.

    X-Forwarded-For is believed as far as trusted proxies have written it, from its end
    on: what a shopper writes in front of that counts for nothing.
    """

    def answer(environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        if "HTTP_X_FORWARDED_FOR" in environ:
            _believe(environ, trusted)
        return application(environ, start_response)

    return answer


def _believe(environ: dict[str, Any], trusted: Container[str]) -> None:
    forwarded = environ["HTTP_X_FORWARDED_FOR"]
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    while hops and environ.get("REMOTE_ADDR") in trusted:
        environ["REMOTE_ADDR"] = hops.pop()
