"""As Django answers, without looking at what nobody may keep."""

from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.middleware import http
from django.test import RequestFactory

from bakery.conditions import ConditionalGetMiddleware

NEVER = "max-age=0, no-cache, no-store, must-revalidate, private"
LONG_AGO = "Thu, 01 Jan 1998 00:00:00 GMT"
NOW = "Fri, 01 Jan 2027 00:00:00 GMT"
SAID = [
    {},
    {"Cache-Control": NEVER},
    {"Cache-Control": "private, no-cache"},
    {"Cache-Control": NEVER, "ETag": '"mine"'},
    {"Cache-Control": NEVER, "Last-Modified": LONG_AGO},
    {"ETag": 'W/"mine"'},
]
ASKED = [
    {},
    {"if-none-match": '"mine"'},
    {"if-none-match": "*"},
    {"if-match": '"other"'},
    {"if-modified-since": NOW},
    {"if-unmodified-since": LONG_AGO},
]


def answer(middleware: type, method: str, asked: dict, said: dict) -> HttpResponse:
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("bread", headers=said)

    request = RequestFactory().generic(method, "/", headers=asked)
    return middleware(view)(request)


@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_it_answers_as_django_does(method, asked, said):
    ours = answer(ConditionalGetMiddleware, method, asked, said)
    djangos = answer(http.ConditionalGetMiddleware, method, asked, said)
    assert ours.status_code == djangos.status_code
    assert dict(ours.items()) == dict(djangos.items())
    assert ours.content == djangos.content


def test_a_stream_goes_through():
    said = {"Cache-Control": NEVER}
    found = ConditionalGetMiddleware(
        lambda request: StreamingHttpResponse([b"bread"], headers=said)
    )(RequestFactory().get("/"))
    assert b"".join(found.streaming_content) == b"bread"


def test_what_nobody_may_keep_is_not_taken_apart(monkeypatch):
    def taken_apart(*args: object) -> None:
        raise AssertionError("Django looked at it")

    monkeypatch.setattr(http.ConditionalGetMiddleware, "process_response", taken_apart)
    said = {"Cache-Control": NEVER}
    assert answer(ConditionalGetMiddleware, "GET", {}, said).status_code == 200
    with pytest.raises(AssertionError):
        answer(ConditionalGetMiddleware, "GET", {}, {})
