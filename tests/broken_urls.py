"""A shop whose every page is broken."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import re_path


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("broken on purpose")


urlpatterns = [re_path("", broken)]
handler500 = "shop.views.errors.server_error"
