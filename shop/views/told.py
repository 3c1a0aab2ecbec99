"""What the last press did, told by the next page, whichever server answers it.

A signed cookie of one minute: no session, no row. The undo form is built from it.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from shop.views.addresses import address_of

COOKIE_NAME = "told"
SECONDS = 60
SALT = "shop.told"
LONGEST = 3000  # characters; browsers drop cookies over 4 KB


def tell(response: HttpResponse, kind: str, **facts: Any) -> None:
    """Have the basket page say it. Facts too long for a cookie are dropped."""
    value = signing.dumps({"kind": kind} | facts, salt=SALT)
    if len(value) > LONGEST:
        value = signing.dumps({"kind": kind, "name": facts.get("name", "")}, salt=SALT)
    response.set_cookie(
        COOKIE_NAME,
        value,
        max_age=SECONDS,
        path=address_of("shop:basket"),
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def told(request: HttpRequest) -> dict[str, Any]:
    """What is to be said, or {}. A forged or old cookie says nothing."""
    try:
        facts = signing.loads(
            request.COOKIES.get(COOKIE_NAME, ""), salt=SALT, max_age=SECONDS
        )
    except signing.BadSignature:
        return {}
    return facts if isinstance(facts, dict) else {}


def hush(request: HttpRequest, response: HttpResponse) -> None:
    """It was said, or something newer happened."""
    if COOKIE_NAME in request.COOKIES:
        path = address_of("shop:basket")
        response.delete_cookie(COOKIE_NAME, path=path, samesite="Lax")
