"""A cache that is away keeps no customer away."""

from __future__ import annotations

import pytest

from bakery.caches import breaker_is_open

pytestmark = pytest.mark.django_db


def test_ready_stays_200_while_redis_is_away(client, redis_cache, valkey_server):
    assert client.get("/ready").json()["cache"] == "up"
    assert not breaker_is_open("default")
    valkey_server.kill()
    answer = client.get("/ready")
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert answer.json()["cache"] == "away"
    assert answer.json()["database"] == "up"
    assert breaker_is_open("default")
