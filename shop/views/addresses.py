"""Addresses of pages without anything in them, put together once.

Nearly every press leads to one of them, and Django puts each together anew.
"""

from __future__ import annotations

from django.conf import settings
from django.urls import get_script_prefix, get_urlconf, reverse

from shop.once import once


def address_of(name: str) -> str:
    """As reverse() gives it. Raises NoReverseMatch."""
    urlconf = get_urlconf() or settings.ROOT_URLCONF
    return _address(name, urlconf, get_script_prefix())


@once
def _address(name: str, urlconf: str, prefix: str) -> str:
    return reverse(name, urlconf)
