"""Catalogue pages are for everybody: any shared cache may keep them for one second."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

View = Callable[..., HttpResponse]


def for_everybody(view: View) -> View:
    """A page that looks at the URL only: no session, no user, no basket.

    Browsers ask again each time and get a 304 by the ETag; shared caches answer for a
    second. A response that sets a cookie as well is made private by whoever sets it.
    """
    return require_safe(cache_control(public=True, max_age=0, s_maxage=1)(view))


def for_an_hour(view: View) -> View:
    """A file that changes with a release at most, such as robots.txt."""
    return require_safe(cache_control(public=True, max_age=3600)(view))
