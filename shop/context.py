"""What every template may rely on."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from shop.shell import Shell


def shop(request: HttpRequest) -> dict[str, Any]:
    """The bakery's name, currency and shell. No session; no query until it is shown."""
    return {
        "shop_name": settings.SHOP_NAME,
        "shop_currency": settings.SHOP_CURRENCY,
        "shell": Shell(),
    }
