"""The basket page and its changes."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def basket(request: HttpRequest, **path: object) -> HttpResponse:
    raise Http404


def add(request: HttpRequest, **path: object) -> HttpResponse:
    raise Http404


def change(request: HttpRequest, **path: object) -> HttpResponse:
    raise Http404


def pick_up(request: HttpRequest, **path: object) -> HttpResponse:
    raise Http404
