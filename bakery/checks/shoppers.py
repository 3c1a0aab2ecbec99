"""Rules for what belongs to a shopper: session, basket, mail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from bakery.checks.rules import TAG, Broken, named, register_rule
from basket.backends.base import stores
from basket.exceptions import InvalidBasketStore

SESSIONS = "django.contrib.sessions.backends."
WHY_NOT = {
    f"{SESSIONS}file": "in files of one server: the next one asks her to log in again",
    f"{SESSIONS}signed_cookies": "in cookies: who keeps an old one is never logged "
    "out, and two requests at once lose what one of them changed",
    f"{SESSIONS}cache": "in the cache alone: when it is emptied everybody is logged "
    "out",
    f"{SESSIONS}cached_db": "in a cache that is believed before the database: when it "
    "fails or comes back old, people are logged out or values go back in time",
}
MAIL = "django.core.mail.backends."
KEPT_HERE = {f"{MAIL}{kind}.EmailBackend" for kind in ("filebased", "locmem", "dummy")}


@register_rule
def sessions_outlive_a_server() -> Iterator[Broken]:
    """Who is logged in is so on every server."""
    if settings.SESSION_ENGINE in WHY_NOT:
        yield Broken(
            "bakery.E003",
            f"Sessions are kept {WHY_NOT[settings.SESSION_ENGINE]}.",
            "Set SESSION_ENGINE to 'bakery.sessions', whose truth is a row and whose "
            "copy in the cache may fail.",
        )


@register_rule
def baskets_outlive_a_server() -> Iterator[Broken]:
    """A store that may lose what it acknowledged is not for shoppers."""
    found = [alias for alias in sorted(settings.BASKET_STORES) if _forgets(alias)]
    if found:
        yield Broken(
            "bakery.E004",
            f"The basket store {named(found)} may lose what shoppers put into their "
            "baskets.",
            "Set BASKET_STORES to 'basket.backends.database.DatabaseBasketStore', "
            "which keeps baskets as safe as orders.",
        )


@register(TAG)
def mails_leave_a_clone(**kwargs: Any) -> list[CheckMessage]:
    """What a clone keeps is gone with it, and nobody looks for it there."""
    if not settings.FLEET or settings.EMAIL_BACKEND not in KEPT_HERE:
        return []
    return [
        Error(
            "Mails do not leave: they stay on the server that makes them, and go with "
            "it.",
            hint="Set EMAIL_URL to a mail server that all servers reach, such as "
            "smtp+tls://user:password@mail.example:587.",
            id="bakery.E013",
        )
    ]


@register(TAG, deploy=True)
def mails_leave_the_server(**kwargs: Any) -> list[CheckMessage]:
    """Only a warning on one machine: a shop that is tried out has no mail server."""
    if settings.FLEET or settings.EMAIL_BACKEND not in KEPT_HERE:
        return []
    return [
        Warning(
            "Mails do not leave: they stay on the server that makes them.",
            hint="Set EMAIL_URL to your mail server, such as "
            "smtp+tls://user:password@mail.example:587.",
            id="bakery.W002",
        )
    ]


def _forgets(alias: str) -> bool:
    try:
        return not stores[alias].durable
    except InvalidBasketStore:
        return False  # basket.E001 says so
