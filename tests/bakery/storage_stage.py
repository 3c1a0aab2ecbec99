"""The shop with another storage for its files."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.test import override_settings

from settings.storage import storage


def shop_with(url: str) -> override_settings:
    """Within it the storage is the one that STORAGE_URL would say."""
    default = storage(url, Path("/nowhere"))
    return override_settings(STORAGES=settings.STORAGES | {"default": default})
