"""The bake sheet."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def next_bake_sheet(request: HttpRequest, **path: object) -> HttpResponse:
    raise Http404


def bake_sheet(request: HttpRequest, **path: object) -> HttpResponse:
    raise Http404
