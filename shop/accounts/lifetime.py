"""How long a log-in lasts."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone


def limit_session(request: HttpRequest) -> None:
    """End this session at a fixed moment, however often it is used until then."""
    seconds = settings.SHOPPER_LOG_IN_SECONDS
    if request.user.is_staff:
        seconds = settings.STAFF_LOG_IN_SECONDS
    request.session.set_expiry(timezone.now() + timedelta(seconds=seconds))
