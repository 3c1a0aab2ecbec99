"""Answers with kept pages, before sessions, users and templates are touched.

A page is made from a bare request, which has nothing of the visitor but the address
asked for. So whatever a view, a template or a library may do, nobody's name, basket or
session can be in a page that somebody else is shown.
"""

from __future__ import annotations

import io
import logging
import re
import time
from collections.abc import Callable
from functools import lru_cache
from threading import Lock
from typing import NamedTuple

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import resolve
from django.utils.cache import get_conditional_response

from bakery.pages.kept import Kept, Page, page_of
from bakery.pages.stamp import Stamp, Watch
from shop.middleware import OWN_PAGES
from shop.views.caching import known_questions

logger = logging.getLogger(__name__)

# For so long others get the page of before, while one makes it anew. With the wait for
# the next look at the stamp it is less than a second.
STALE_SECONDS = 0.3
LONGEST_ADDRESS = 300  # characters
CARRIED = ("SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "SCRIPT_NAME", "HTTP_HOST")
TAKES_GZIP = re.compile(r"\bgzip\b")

kept = Kept()
watch = Watch()


class Now(NamedTuple):
    """The state of the shop that a page must show.

    The minute since 1970 is part of it: cut-offs, midnights and pick-up times fall on
    whole minutes, and they change pages without a change of any row.
    """

    stamp: Stamp
    minute: int

    @classmethod
    def at(cls, stamp: Stamp) -> Now:
        return cls(stamp, int(time.time() // 60))

    def is_shown_by(self, page: Page) -> bool:
        return (
            self.stamp.is_sure
            and self.stamp.value == page.stamp
            and self.minute == page.minute
        )

    def known_for(self, page: Page) -> float:
        """Seconds since this process could know that the page does not show it.

        Without end for a page that nobody has asked for in the last minute: it may be
        hours old, and is not the page of before.
        """
        if page.minute < self.minute - 1:
            return float("inf")
        if page.stamp != self.stamp.value:
            return time.monotonic() - self.stamp.since
        return time.time() % 60


class PageCacheMiddleware:
    """Stands inside whatever is one visitor's own, and outside everything costly.

    Each response says by X-Page whether it was kept, made, or is old because the
    database is away.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        # A page is made once at a time; a few pages share a lock, which does no harm.
        self._making = [Lock() for _ in range(64)]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _is_ones_own(request):
            return self.get_response(request)
        key = _key(request)
        if kept.near(key) is None and not _is_for_everybody(request):
            return self.get_response(request)
        return self._answer(request, key)

    def _answer(self, request: HttpRequest, key: str) -> HttpResponse:
        # Looked at before a page is made: what changes meanwhile makes it old.
        now = Now.at(watch.now())
        page = _find(key, now)
        if page is None:
            return self._make(request, key, now, None)
        if now.is_shown_by(page):
            return _shown(request, page, "kept")
        if not now.stamp.is_sure:
            return _shown(request, page, "old")
        if now.known_for(page) > STALE_SECONDS:
            return self._make(request, key, now, page)
        if not kept.may_refill(key):
            return _shown(request, page, "old")
        try:
            return self._make(request, key, now, page)
        finally:
            kept.refilled(key)

    def _make(
        self, request: HttpRequest, key: str, now: Now, old: Page | None
    ) -> HttpResponse:
        with self._making[hash(key) % len(self._making)]:
            page = kept.near(key)
            if page and now.is_shown_by(page):
                return _shown(request, page, "kept")
            response = self.get_response(_bare(request))
            if response.status_code >= 500 and old:
                return _shown(request, old, "old")
            if not _may_be_kept(response):
                return response
            page = page_of(response, now.stamp.value or 0, now.minute)
            if now.stamp.is_sure:
                kept.keep(key, page)
        return _shown(request, page, "made")


def _is_ones_own(request: HttpRequest) -> bool:
    """A change, or a page of the shopper's own: plain without asking which view."""
    asks = request.method in ("GET", "HEAD")
    return not asks or request.path_info.startswith(OWN_PAGES)


def _key(request: HttpRequest) -> str:
    """The address, with those questions in it that the page answers to.

    Raises DisallowedHost.
    """
    return (
        f"{settings.RELEASE} {request.scheme}://{request.get_host()}"
        f"{request.path}?{known_questions(request.GET)}"
    )


def _is_for_everybody(request: HttpRequest) -> bool:
    if len(request.get_full_path()) > LONGEST_ADDRESS:
        return False
    try:
        view = resolve(request.path_info).func
    except Http404:
        return False
    return getattr(view, "is_for_everybody", False)


def _find(key: str, now: Now) -> Page | None:
    """The right page, or else the newest there is: a cache that came back old does
    not bring this process back to what was before."""
    near = kept.near(key)
    if near and now.is_shown_by(near):
        return near
    far = kept.far(key)
    if far and (near is None or now.is_shown_by(far) or far.minute > near.minute):
        kept.remember(key, far)
        return far
    return near


def _bare(request: WSGIRequest) -> WSGIRequest:
    """The same address, asked by nobody: no cookie, no header, no name."""
    carried = {
        name: request.environ[name] for name in CARRIED if name in request.environ
    }
    return WSGIRequest(
        carried
        | {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": request.environ["PATH_INFO"],
            "QUERY_STRING": known_questions(request.GET),
            "wsgi.url_scheme": request.scheme,
            "wsgi.input": io.BytesIO(),
        }
    )


def _may_be_kept(response: HttpResponse) -> bool:
    """Only what says itself that it is public, and has nothing of one visitor's."""
    if response.status_code != 200 or "public" not in response.get("Cache-Control", ""):
        return False
    if response.cookies or "cookie" in response.get("Vary", "").lower():
        logger.error("a page for everybody sets a cookie or reads a session; not kept")
        response["Cache-Control"] = "private, no-store"
        return False
    return True


def _shown(request: HttpRequest, page: Page, how: str) -> HttpResponse:
    encodings = request.headers.get("Accept-Encoding", "")
    response = page.response(gzipped=takes_gzip(encodings))
    response["X-Page"] = how
    response = get_conditional_response(request, etag=page.etag, response=response)
    if how != "old":
        response.kept_page = page  # for front.py
    return response


@lru_cache(maxsize=200)
def takes_gzip(encodings: str) -> bool:
    """Said in Accept-Encoding?"""
    return bool(TAKES_GZIP.search(encodings))
