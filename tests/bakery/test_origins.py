"""Whose pages may send forms here: those of the shop's own public address."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.test import Client

pytestmark = pytest.mark.django_db
LOG_IN = "/account/auth/login/"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@pytest.mark.parametrize(
    ("origin", "status"),
    [(settings.SITE_URL, 422), ("https://another.example", 403)],
)
def test_a_clone_that_is_asked_directly_knows_the_shops_address(origin, status):
    """By its own address and over http, as one clone asks another."""
    client = Client(enforce_csrf_checks=True)
    token = TOKEN.search(client.get(LOG_IN).text)[1]
    fields = {"csrfmiddlewaretoken": token, "login": "nobody", "password": "none"}
    answer = client.post(LOG_IN, fields, headers={"Origin": origin})
    assert answer.status_code == status
