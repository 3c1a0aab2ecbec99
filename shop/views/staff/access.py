"""Logging in and out of the staff side: the same door as everybody's.

The addresses stay, for bookmarks and for the admin's own links.
"""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe


@never_cache
@require_safe
def log_in(request: HttpRequest) -> HttpResponse:
    """To the one log-in page, and from there to `next` or the staff's first page."""
    wanted = request.GET.get(REDIRECT_FIELD_NAME, "")
    if not url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        wanted = reverse("staff:dashboard")
    return redirect_to_login(wanted)


@never_cache
@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """By POST only; then the log-in page. The account's basket stays with it."""
    get_adapter(request).logout(request)
    return redirect("staff:login")


log_in.is_a_way_out = log_out.is_a_way_out = True
