"""Puts the limits and used codes of django-allauth where all servers count together.

It keeps them in Django's default cache and has no setting for another. Here that is
Redis or nothing at all, and what is only speed must decide neither that somebody gets
in nor that nobody does. So its modules are given the cache that settings name; the
tests fail if a new version keeps it elsewhere.
"""

from __future__ import annotations

from types import ModuleType

from allauth.core.internal import ratelimit
from allauth.mfa.totp.internal import auth as one_time_codes
from django.conf import settings
from django.core.cache import caches
from django.core.exceptions import ImproperlyConfigured
from django.utils.connection import ConnectionProxy

KEEPERS: tuple[ModuleType, ...] = (ratelimit, one_time_codes)


def keep_limits_together() -> None:
    """Called once, when the apps are ready. Raises ImproperlyConfigured."""
    shared = ConnectionProxy(caches, settings.ACCOUNT_CACHE_ALIAS)
    for module in KEEPERS:
        if not isinstance(getattr(module, "cache", None), ConnectionProxy):
            raise ImproperlyConfigured(
                f"{module.__name__} no longer keeps its limits in a cache of its own "
                "module; see bakery/login_limits.py."
            )
        module.cache = shared
