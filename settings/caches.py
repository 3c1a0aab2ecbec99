"""Turns CACHE_URL into Django's cache settings."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

TIMEOUT = 0.2  # seconds: a cache that takes longer is no help
SHARED = {
    "BACKEND": "django.core.cache.backends.db.DatabaseCache",
    "LOCATION": "shared_cache",
    "OPTIONS": {"MAX_ENTRIES": 100_000},
}


def caches(url: str) -> dict[str, Any]:
    """CACHES for a URL: "default" is only speed, and a dummy without a URL.

    "shared" is what all servers agree on, limits and locks: rows in the database, so
    that it works while Redis is away. Never a cache inside one process.

    redis://host:6379/0, rediss:// for TLS, and for a Redis under Sentinel
    redis+sentinel://sentinel-1:26379,sentinel-2:26379/service-name/0.
    """
    return {"default": _default(url), "shared": SHARED}


def _default(url: str) -> dict[str, Any]:
    if not url:
        return {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
    scheme = urlsplit(url).scheme
    if scheme in {"redis", "rediss"}:
        return _redis(url, {})
    if scheme == "redis+sentinel":
        return _sentinel(url)
    raise ImproperlyConfigured(
        f"CACHE_URL begins with {scheme!r}; it can be redis, rediss or redis+sentinel."
    )


def _redis(location: str, options: dict[str, Any]) -> dict[str, Any]:
    return {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": location,
        "KEY_PREFIX": "bakery",
        "OPTIONS": {
            "REDIS_CLIENT_CLASS": "bakery.caches.GuardedRedis",
            # JSON, so that whoever can write to Redis cannot run code in the shop.
            "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
            "SOCKET_TIMEOUT": TIMEOUT,
            "SOCKET_CONNECT_TIMEOUT": TIMEOUT,
            # A cache that is away is a miss. Nothing is kept only there.
            "IGNORE_EXCEPTIONS": True,
            # redis-py would repeat lost commands on its own, ten times.
            "CONNECTION_POOL_KWARGS": {"retry": None},
        }
        | options,
    }


def _sentinel(url: str) -> dict[str, Any]:
    hosts, _, rest = url.removeprefix("redis+sentinel://").partition("/")
    service, _, number = rest.partition("/")
    if not service:
        raise ImproperlyConfigured(
            "CACHE_URL names no service; write "
            "redis+sentinel://sentinel-1:26379,sentinel-2:26379/service-name/0."
        )
    pairs = [host.rpartition(":") for host in hosts.split(",")]
    sentinels = [
        (name or port, int(port) if name else 26379) for name, _, port in pairs
    ]
    options = {
        "CLIENT_CLASS": "django_redis.client.SentinelClient",
        "CONNECTION_FACTORY": "django_redis.pool.SentinelConnectionFactory",
        "SENTINELS": sentinels,
        "SENTINEL_KWARGS": {"socket_timeout": TIMEOUT},
    }
    return _redis(f"redis://{service}/{number or 0}", options)
