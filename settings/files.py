"""Folders that a URL names: three slashes inside VAR_DIR, four absolute."""

from __future__ import annotations

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def folder(url: str, scheme: str, var_dir: Path) -> Path:
    """The folder of file:///media (in var_dir) or file:////srv/media (absolute)."""
    start = f"{scheme}:///"
    if not url.startswith(start):
        raise ImproperlyConfigured(f"{url!r} has to begin with {start}")
    return var_dir / url.removeprefix(start)
