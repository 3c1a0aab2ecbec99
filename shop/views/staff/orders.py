"""Finding and handing over orders."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def find(request: HttpRequest, **path: object) -> HttpResponse:
    raise Http404


def order(request: HttpRequest, **path: object) -> HttpResponse:
    raise Http404


def hand_over(request: HttpRequest, **path: object) -> HttpResponse:
    raise Http404


def move(request: HttpRequest, **path: object) -> HttpResponse:
    raise Http404
