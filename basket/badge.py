"""The small cookie from which a page that is the same for all shows this basket.

It reads `version.pieces.total_cents`. Script may read it, anybody may forge it: it is
for display, and for telling which state of the basket a button was pressed with.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from basket.cookies import set_cookie
from basket.lifetime import COOKIE_SECONDS

COOKIE_NAME = "badge"
FORM = re.compile(r"([0-9]{1,9})\.([0-9]{1,9})\.([0-9]{1,9})", re.ASCII)


@dataclass(frozen=True)
class Badge:
    version: int = 0
    pieces: int = 0
    total_cents: int = 0


def read_badge(request: HttpRequest) -> Badge:
    """What the shopper's browser shows; all zero when it has none or a broken one."""
    match = FORM.fullmatch(request.COOKIES.get(COOKIE_NAME, ""))
    return Badge(*map(int, match.groups())) if match else Badge()


def set_badge(
    response: HttpResponse, *, version: int, pieces: int, total_cents: int
) -> None:
    """Have the browser show this. Only on responses that no cache may keep."""
    set_cookie(
        response,
        COOKIE_NAME,
        f"{version}.{pieces}.{total_cents}",
        max_age=COOKIE_SECONDS,
        secure=settings.HTTPS,
        httponly=False,
        samesite="Lax",
    )
