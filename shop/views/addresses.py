"""Addresses of pages without anything in them, put together once.

Nearly every press leads to one of them, and Django puts each together anew.
"""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from django.urls import get_script_prefix, get_urlconf, reverse


def address_of(name: str) -> str:
    """As reverse() gives it. Raises NoReverseMatch."""
    return _address(name, get_script_prefix(), get_urlconf() or settings.ROOT_URLCONF)


@lru_cache(maxsize=100)
def _address(name: str, prefix: str, urlconf: str) -> str:
    return reverse(name, urlconf)
