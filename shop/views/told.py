"""What the last press did, told by the next page, whichever server answers it.

A signed cookie of one minute: no session, no row. The undo form is built from it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from basket.cookies import set_cookie
from shop.addresses import address_of

COOKIE_NAME = "told"
SECONDS = 60
SALT = "shop.told"
LONGEST = 3000  # characters; browsers drop cookies over 4 KB


def tell(response: HttpResponse, kind: str, **facts: Any) -> None:
    """Have the basket page say it. Facts too long for a cookie are dropped."""
    signer = _signer(settings.SECRET_KEY, tuple(settings.SECRET_KEY_FALLBACKS))
    value = signer.sign_object({"kind": kind} | facts)
    if len(value) > LONGEST:
        value = signer.sign_object({"kind": kind, "name": facts.get("name", "")})
    set_cookie(
        response,
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
    if COOKIE_NAME not in request.COOKIES:
        return {}
    signer = _signer(settings.SECRET_KEY, tuple(settings.SECRET_KEY_FALLBACKS))
    try:
        facts = signer.unsign_object(request.COOKIES[COOKIE_NAME], max_age=SECONDS)
    except signing.BadSignature:
        return {}
    return facts if isinstance(facts, dict) else {}


@lru_cache(maxsize=2)
def _signer(key: str, former: tuple[str, ...]) -> signing.TimestampSigner:
    """Kept, since it looks up all of its settings each time it is made."""
    return signing.TimestampSigner(key=key, fallback_keys=former, salt=SALT)


def hush(request: HttpRequest, response: HttpResponse) -> None:
    """It was said, or something newer happened."""
    if COOKIE_NAME in request.COOKIES:
        path = address_of("shop:basket")
        response.delete_cookie(COOKIE_NAME, path=path, samesite="Lax")
