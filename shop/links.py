"""Links to an order's own pages; absolute ones for mails, codes and calendars."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from django.conf import settings

from shop.addresses import address_of
from shop.models import Order

_SECRET = "the-secret"


def order_link(order: Order) -> str:
    """The order's own page. Whoever has the link may see and cancel the order.

    Built from SITE_URL, never from a request's Host header.
    """
    return settings.SITE_URL + order.get_absolute_url()


def order_address(order: Order, page: str = "order") -> str:
    """The path of the order's own page, or of one beside it, by its name.

    As reverse() gives it. What is remembered of it is the same for every order.
    """
    secret = quote(order.secret, safe="~")
    return address_of(f"shop:{page}", _SECRET).replace(_SECRET, secret, 1)


def site_host() -> str:
    """The host name of SITE_URL, for ids that must be unique in the world."""
    return urlsplit(settings.SITE_URL).hostname or "bakery.invalid"
