"""The real Valkey of the tests of what stands on it."""

from tests.bakery.backends.conftest import (
    redis_cache,
    redis_client,
    valkey_server,
)

__all__ = ["redis_cache", "redis_client", "valkey_server"]
