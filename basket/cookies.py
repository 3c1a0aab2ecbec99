"""Cookies of one form and many values, told in Django's words but written once.

Django puts each of a cookie's words together anew, every time, and an add sends three.
"""

from __future__ import annotations

import time
from collections.abc import Container
from functools import lru_cache
from http.cookies import Morsel
from typing import Any, NamedTuple

from django.http import HttpResponse


class Form(NamedTuple):
    """All of a cookie but its value."""

    facts: dict[str, Any]
    words: str  # as the header has them, behind the value


class WrittenCookie(Morsel):
    """A cookie whose header is written already, until one of its facts is changed."""

    words: str | None = None

    def __setitem__(self, fact: str, value: Any) -> None:
        super().__setitem__(fact, value)
        self.words = None

    def OutputString(self, attrs: Container[str] | None = None) -> str:
        if self.words is None or attrs is not None:
            return super().OutputString(attrs)
        return f"{self.key}={self.coded_value}{self.words}"


def set_cookie(
    response: HttpResponse, name: str, value: str, **facts: str | int | bool
) -> None:
    """As response.set_cookie()."""
    form = _form(name, int(time.time()), tuple(facts.items()))
    cookie = WrittenCookie()
    cookie.set(name, *response.cookies.value_encode(value))
    dict.update(cookie, form.facts)
    cookie.words = form.words
    response.cookies[name] = cookie


@lru_cache(maxsize=32)
def _form(name: str, second: int, facts: tuple[tuple[str, Any], ...]) -> Form:
    """The same for a second, as the cookie's end is in it."""
    response = HttpResponse()
    response.set_cookie(name, "value", **dict(facts))
    cookie = response.cookies[name]
    return Form(dict(cookie), cookie.OutputString().removeprefix(f"{name}=value"))
