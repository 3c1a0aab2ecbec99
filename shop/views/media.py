"""Pictures from the shared storage."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def media(request: HttpRequest, **path: object) -> HttpResponse:
    raise Http404
