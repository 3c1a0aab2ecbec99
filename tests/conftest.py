"""Fixtures that every area uses."""

from __future__ import annotations

import hypothesis
import pytest

from bakery.pages import middleware

# How long an example takes says nothing here: the machine may be busy.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")


@pytest.fixture(autouse=True)
def _no_kept_pages() -> None:
    """Each test has a database of its own, and pages from no other."""
    middleware.kept.forget()
