"""Rules for what keeps strangers out."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import DatabaseError

from bakery.checks.rules import Broken, register_database_rule, register_rule


@register_rule
def the_key_is_everybody_s() -> Iterator[Broken]:
    """A key made on one server makes its cookies strangers to the others."""
    if settings.SECRET_KEY_IS_GENERATED:
        yield Broken(
            "bakery.E008",
            "SECRET_KEY was made on this server: the others do not accept its baskets "
            "and log-ins.",
            "Set SECRET_KEY to the same long random word on every server; the one "
            "used until now is in the file secret_key of VAR_DIR.",
        )


@register_rule
def debug_is_off() -> Iterator[Broken]:
    """Debug pages show settings and code."""
    if settings.DEBUG:
        yield Broken(
            "bakery.E009",
            "DEBUG is on: error pages show code and settings to everybody.",
            "Set DEBUG to nothing.",
        )


@register_rule
def hosts_are_named() -> Iterator[Broken]:
    """Links in mails must not lead where an attacker's Host header says."""
    if "*" in settings.ALLOWED_HOSTS:
        yield Broken(
            "bakery.E010",
            "The shop answers to every host name.",
            "Set ALLOWED_HOSTS to the shop's own names, comma-separated, such as "
            "shop.example.",
        )


@register_rule
def the_shop_is_https() -> Iterator[Broken]:
    """Between the servers of a fleet and their shoppers lies a network."""
    if not settings.SITE_URL.startswith("https://"):
        yield Broken(
            "bakery.E011",
            f"The shop's address is {settings.SITE_URL}: cookies travel in clear.",
            "Set SITE_URL to the public address, beginning with https://.",
        )


@register_database_rule
def nobody_has_the_published_password() -> Iterator[Broken]:
    """The demo bakery's log-ins are for a machine that nobody else reaches."""
    try:
        found = get_user_model().objects.filter(is_demo=True, is_active=True).count()
    except DatabaseError:
        return  # not there yet, or away: others say so
    if found:
        yield Broken(
            "bakery.E012",
            f"{found} log-ins have the published password of the demo bakery.",
            "Delete them in the admin, or take them in use with passwords of their "
            "own: manage.py demo --own-passwords.",
        )
