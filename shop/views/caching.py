"""Catalogue pages are for everybody: any shared cache may keep them for one second."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

View = Callable[..., HttpResponse]

# The only questions in an address that these pages answer to, so that nobody can have
# a page kept a thousand times under names that mean nothing.
QUESTIONS = ("can", "day", "no_nuts", "p", "q", "vegan")
MOST_PAGES = 1000


def for_everybody(view: View) -> View:
    """A page that looks at the URL only: no session, no user, no basket.

    Browsers ask again each time and get a 304 by the ETag; shared caches answer for a
    second. A response that sets a cookie as well is made private by whoever sets it.
    """
    cached = cache_control(public=True, max_age=0, s_maxage=1)(_asked_no_more(view))
    page = require_safe(cached)
    page.is_for_everybody = True
    return page


def known_questions(query: QueryDict) -> str:
    """Those that these pages answer to, in one order: "day=2026-11-24&q=rye"."""
    asked = QueryDict(mutable=True)
    asked.update({name: query[name] for name in QUESTIONS if name in query})
    return asked.urlencode()


def page_number(request: HttpRequest) -> int:
    """Of ?p=, from 1 on; whatever is no number is the first page."""
    asked = request.GET.get("p", "")
    is_number = asked.isascii() and asked.isdigit() and len(asked) < 5
    return min(max(1, int(asked)), MOST_PAGES) if is_number else 1


def _asked_no_more(view: View) -> View:
    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.GET = QueryDict(known_questions(request.GET))
        return view(request, *args, **kwargs)

    return page


def for_an_hour(view: View) -> View:
    """A file that changes with a release at most, such as robots.txt."""
    return require_safe(cache_control(public=True, max_age=3600)(view))
