"""Messages as Django keeps them, opened only when there is something to do."""

from __future__ import annotations

from http.cookies import SimpleCookie

import pytest
from django.conf import settings
from django.contrib import messages
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings

from bakery.messages import LazyStorage
from bakery.sessions import SessionStore

DJANGOS = "django.contrib.messages.storage.fallback.FallbackStorage"
LONG = "x" * 1500  # two of them are too long for the cookie


def ask(view, cookies: SimpleCookie | None = None) -> tuple[HttpRequest, HttpResponse]:
    request = RequestFactory().get("/")
    request.COOKIES = {name: each.value for name, each in (cookies or {}).items()}
    request.session = SessionStore()
    return request, MessageMiddleware(view)(request)


def says(*words: str):
    def view(request: HttpRequest) -> HttpResponse:
        for each in words:
            messages.info(request, each)
        return HttpResponse()

    return view


def shows(request: HttpRequest) -> HttpResponse:
    return HttpResponse("|".join(str(each) for each in messages.get_messages(request)))


def test_it_is_the_shops_own():
    assert settings.MESSAGE_STORAGE == "bakery.messages.LazyStorage"


def test_nothing_is_opened_for_who_has_none():
    request, response = ask(lambda request: HttpResponse())
    assert isinstance(request._messages, LazyStorage)
    assert "storages" not in vars(request._messages)
    assert not request.session.accessed
    assert not response.cookies


@pytest.mark.parametrize("words", [(), ("one",), ("one", "two"), (LONG, LONG, LONG)])
def test_what_is_told_is_kept_as_django_keeps_it(words):
    kept = []
    for storage in (settings.MESSAGE_STORAGE, DJANGOS):
        with override_settings(MESSAGE_STORAGE=storage):
            request, response = ask(says(*words))
            told = request.session.get("_messages", "")
            kept.append((len(response.cookies), told))
            _, shown = ask(shows, response.cookies)
            kept[-1] += (shown.content, shown.cookies.output())
    assert kept[0] == kept[1]


def test_it_says_once_what_was_told():
    _, told = ask(says("saved"))
    _, shown = ask(shows, told.cookies)
    assert shown.content == b"saved"
    assert shown.cookies["messages"].value == ""


def test_it_is_djangos_in_all_but_its_beginning():
    assert LazyStorage.__mro__[1] is FallbackStorage
    request, _ = ask(lambda request: HttpResponse())
    ours, djangos = LazyStorage(request), FallbackStorage(request)
    assert [type(each) for each in ours.storages] == [
        type(each) for each in djangos.storages
    ]
    assert vars(ours).keys() == vars(djangos).keys()
