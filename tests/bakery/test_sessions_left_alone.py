"""Who brings no session and is asked for none costs Django's session no look."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from bakery.sessions import VersionedSessionMiddleware


def untouched(request: HttpRequest) -> None:
    pass


def looked_at(request: HttpRequest) -> None:
    request.session.get("bread")


def marked(request: HttpRequest) -> None:
    request.session.modified = True


TOUCHES = [untouched, looked_at, marked]


def answer(
    middleware: type, touch: Callable[[HttpRequest], None], cookie: str | None
) -> HttpResponse:
    def view(request: HttpRequest) -> HttpResponse:
        touch(request)
        return HttpResponse("bread")

    request = RequestFactory().get("/")
    if cookie is not None:
        request.COOKIES[settings.SESSION_COOKIE_NAME] = cookie
    return middleware(view)(request)


def said(response: HttpResponse) -> dict[str, bool]:
    """Which cookies it sets, and whether they hold something: keys are random."""
    return {name: bool(each.value) for name, each in response.cookies.items()}


@pytest.mark.django_db
@pytest.mark.parametrize("touch", TOUCHES)
@pytest.mark.parametrize("cookie", [None, "", "not ours", "abcdefgh.3"])
def test_headers_and_cookies_are_djangos(touch, cookie):
    ours = answer(VersionedSessionMiddleware, touch, cookie)
    djangos = answer(SessionMiddleware, touch, cookie)
    assert dict(ours.items()) == dict(djangos.items())
    assert said(ours) == said(djangos)


def test_only_who_has_nothing_to_do_with_sessions_is_left_alone(monkeypatch):
    seen = []
    djangos = SessionMiddleware.process_response

    def counted(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        seen.append(request)
        return djangos(self, request, response)

    monkeypatch.setattr(SessionMiddleware, "process_response", counted)
    answer(VersionedSessionMiddleware, untouched, None)
    assert seen == []
    for touch in (looked_at, marked):
        answer(VersionedSessionMiddleware, touch, None)
    answer(VersionedSessionMiddleware, untouched, "not ours")
    assert len(seen) == 3
