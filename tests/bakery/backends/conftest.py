"""A real Valkey for the tests of what stands on it."""

from __future__ import annotations

import pytest
import redis
from django.core.cache import caches
from django.test import override_settings

from bakery.servers.valkey import valkey
from settings.caches import caches as caches_of


@pytest.fixture(scope="session")
def valkey_server(tmp_path_factory):
    """One server for the whole run; each test that hurts it starts it again."""
    server = valkey(tmp_path_factory.mktemp("valkey"))
    server.start()
    server.wait_until_up()
    yield server
    server.stop()


@pytest.fixture
def redis_client(valkey_server):
    """A plain client of the same server, emptied before and after."""
    if not valkey_server.runs:
        valkey_server.start()
        valkey_server.wait_until_up()
    valkey_server.thaw()
    client = redis.Redis(port=valkey_server.port, socket_timeout=5)
    client.flushall()
    yield client
    valkey_server.thaw()
    if valkey_server.runs:
        client.flushall()
    client.close()


@pytest.fixture
def redis_cache(valkey_server, redis_client):
    """The shop's own cache settings over that server."""
    redis_settings = caches_of(f"redis://127.0.0.1:{valkey_server.port}")
    with override_settings(CACHES=redis_settings, SESSION_CACHE_ALIAS="default"):
        cache = caches["default"]
        pool = cache.client.get_client().connection_pool
        pool.__dict__.pop("breaker", None)
        yield cache
        pool.disconnect()
        caches.close_all()
