"""Answers to "only if it has changed since", for pages that may be kept."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.middleware import http


class ConditionalGetMiddleware(http.ConditionalGetMiddleware):
    """Django's own, which has nothing to do for what nobody may keep."""

    def process_response(
        self, request: HttpRequest, response: HttpResponse
    ) -> HttpResponse:
        said = response.headers
        is_kept = "no-store" not in said.get("Cache-Control", "")
        if is_kept or "ETag" in said or "Last-Modified" in said:
            return super().process_response(request, response)
        return response
