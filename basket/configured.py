"""What the settings say of the cookie, read once: it is asked for with every page."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.core.signals import setting_changed


class Configured(NamedTuple):
    """The secrets are those that a cookie may be signed with, today's first."""

    cookie_name: str
    is_secure: bool
    secrets: tuple[str, ...]


@lru_cache(maxsize=1)
def configured() -> Configured:
    """In a process that serves, settings never change; a test says when they do."""
    return Configured(
        settings.BASKET_COOKIE_NAME,
        settings.HTTPS,
        (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS),
    )


def _read_anew(**_: Any) -> None:
    configured.cache_clear()


setting_changed.connect(_read_anew, dispatch_uid="read the basket cookie's settings")
