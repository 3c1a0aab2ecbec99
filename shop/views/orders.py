"""The order's own page behind its secret link."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def order(request: HttpRequest, **path: object) -> HttpResponse:
    raise Http404


def cancel(request: HttpRequest, **path: object) -> HttpResponse:
    raise Http404


def calendar(request: HttpRequest, **path: object) -> HttpResponse:
    raise Http404


def code(request: HttpRequest, **path: object) -> HttpResponse:
    raise Http404
