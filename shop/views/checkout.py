"""From the basket to the order, in two screens."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def enter(request: HttpRequest, **path: object) -> HttpResponse:
    raise Http404


def contact(request: HttpRequest, **path: object) -> HttpResponse:
    raise Http404


def order(request: HttpRequest, **path: object) -> HttpResponse:
    raise Http404
