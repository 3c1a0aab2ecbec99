"""The cookies of a customer who has logged in."""

from __future__ import annotations

import json

from tests.bench.stage import Stage

LOG_IN = """
import json
from django.test import Client
from shop.models import User
user, _ = User.objects.get_or_create(email="bench@example.com")
browser = Client()
browser.force_login(user)
print(json.dumps({name: each.value for name, each in browser.cookies.items()}))
"""


def logged_in(stage: Stage) -> dict[str, str]:
    """Of a new session, together with those of a basket."""
    said = stage.manage("shell", "--no-imports", "-c", LOG_IN)
    return dict(stage.shopper) | json.loads(said.splitlines()[-1])
