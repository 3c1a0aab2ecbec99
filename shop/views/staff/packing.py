"""The packing list."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def next_packing(request: HttpRequest, **path: object) -> HttpResponse:
    raise Http404


def packing(request: HttpRequest, **path: object) -> HttpResponse:
    raise Http404


def pack_line(request: HttpRequest, **path: object) -> HttpResponse:
    raise Http404
