"""The small shop of pages.py, behind the layers that matter to a basket."""

from __future__ import annotations

import pytest
from django.test import Client

MIDDLEWARE = [
    "basket.middleware.BasketMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]


@pytest.fixture
def small_shop(settings) -> None:
    settings.ROOT_URLCONF = "tests.basket.pages"
    settings.MIDDLEWARE = MIDDLEWARE
    settings.CSRF_FAILURE_VIEW = "tests.basket.pages.refused"


@pytest.fixture
def shopper(small_shop) -> Client:
    """A browser that has not been here before."""
    return make_browser()


def make_browser() -> Client:
    headers = {"accept": "text/html,*/*;q=0.8", "sec-fetch-site": "same-origin"}
    return Client(enforce_csrf_checks=True, headers=headers)
