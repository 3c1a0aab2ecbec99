"""Today and tomorrow at a glance."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def dashboard(request: HttpRequest, **path: object) -> HttpResponse:
    raise Http404


def styleguide(request: HttpRequest, **path: object) -> HttpResponse:
    raise Http404
