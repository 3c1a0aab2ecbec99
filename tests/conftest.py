"""Fixtures that every area uses."""

from __future__ import annotations

import pytest

from bakery.pages import middleware


@pytest.fixture(autouse=True)
def _no_kept_pages() -> None:
    """Each test has a database of its own, and pages from no other."""
    middleware.kept.forget()
