"""What every template may rely on."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def shop(request: HttpRequest) -> dict[str, Any]:
    """The bakery's name. No query, no session."""
    return {"shop_name": settings.SHOP_NAME}
