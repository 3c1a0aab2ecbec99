"""Prices for people: {{ cents|money }} is "€4.50"."""

from __future__ import annotations

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$", "INR": "₹", "KRW": "₩", "JPY": "¥"}
# Currencies whose smallest unit is the unit itself.
WITHOUT_CENTS = {"KRW", "JPY"}


@register.filter
def money(cents: int | None, currency: str = "") -> str:
    """Minor units as a price, in the shop's currency if not told; "" for None."""
    if cents is None:
        return ""
    currency = currency or settings.SHOP_CURRENCY
    symbol = SYMBOLS.get(currency, f"{currency} ")
    sign = "−" if cents < 0 else ""
    return f"{sign}{symbol}{amount(abs(cents), currency)}"


def amount(cents: int, currency: str) -> str:
    """The bare number with a point, as data formats want it: 4.50."""
    if currency in WITHOUT_CENTS:
        return str(cents)
    return f"{cents // 100}.{cents % 100:02}"


@register.simple_tag
def price(cents: int, extra: str = "") -> SafeString:
    """The price as an element of its own, so that it never breaks over lines."""
    kind = f"price {extra}" if extra else "price"
    return format_html('<span class="{}">{}</span>', kind, money(cents))
