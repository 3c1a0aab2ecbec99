"""How long an untouched basket, and the cookie that leads to it, are kept."""

from __future__ import annotations

from datetime import timedelta

UNTOUCHED_FOR = timedelta(days=180)
COOKIE_SECONDS = int(UNTOUCHED_FOR.total_seconds())
