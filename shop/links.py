"""Absolute links, for mails, codes and calendars that leave the shop."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings

from shop.models import Order


def order_link(order: Order) -> str:
    """The order's own page. Whoever has the link may see and cancel the order.

    Built from SITE_URL, never from a request's Host header.
    """
    return settings.SITE_URL + order.get_absolute_url()


def site_host() -> str:
    """The host name of SITE_URL, for ids that must be unique in the world."""
    return urlsplit(settings.SITE_URL).hostname or "bakery.invalid"
