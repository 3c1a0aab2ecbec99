"""Every address is answered by the one page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import re_path

from tests.bench.floors.page import page


def show(_request: HttpRequest) -> HttpResponse:
    headers, body = page()
    return HttpResponse(body, headers=dict(headers))


urlpatterns = [re_path("", show)]
