"""Addresses of pages, put together once.

Nearly every press and page leads to some of them, and Django puts each together anew.
"""

from __future__ import annotations

from django.conf import settings
from django.urls import get_script_prefix, get_urlconf, reverse

from shop.once import once


def address_of(name: str, *args: str) -> str:
    """As reverse() gives it; for pages that everybody may know. Raises NoReverseMatch.

    Never with the secret of an order or account: addresses are remembered.
    """
    urlconf = get_urlconf() or settings.ROOT_URLCONF
    return _address(name, args, urlconf, get_script_prefix())


@once
def _address(name: str, args: tuple[str, ...], urlconf: str, prefix: str) -> str:
    return reverse(name, urlconf, args=args)
