"""Rules for caches: not inside one server, and nothing in them that runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register

from bakery.checks.rules import TAG, Broken, named, register_rule

DJANGO = "django.core.cache.backends."
ON_ONE_SERVER = {f"{DJANGO}locmem.LocMemCache", f"{DJANGO}filebased.FileBasedCache"}
DUMMY = f"{DJANGO}dummy.DummyCache"
ALWAYS_PICKLED = {
    f"{DJANGO}redis.RedisCache",
    f"{DJANGO}memcached.PyMemcacheCache",
    f"{DJANGO}memcached.PyLibMCCache",
}
DJANGO_REDIS = "django_redis.cache.RedisCache"
HARMLESS = (".json.JSONSerializer", ".msgpack.MSGPackSerializer")


@register_rule
def caches_are_shared() -> Iterator[Broken]:
    """What one server remembers, the next one does not know."""
    found = [a for a, cache in _caches() if cache["BACKEND"] in ON_ONE_SERVER]
    if found:
        yield Broken(
            "bakery.E001",
            f"The cache {named(found)} lives on one server only: the others do not "
            "know what it remembers, and keep believing what it has forgotten.",
            "Set CACHE_URL to a Redis or Valkey that all servers reach, such as "
            "redis://cache.internal:6379/0, or to nothing for no cache at all.",
        )


@register_rule
def cached_values_are_data() -> Iterator[Broken]:
    """Whoever can write to the cache's server must not run code in the shop."""
    found = [a for a, cache in _caches() if _is_pickled(cache)]
    if found:
        yield Broken(
            "bakery.E002",
            f"The cache {named(found)} keeps pickled values: whoever can write to "
            "its server can run code in the shop.",
            "Use CACHE_URL, which sets JSON up, or set OPTIONS['SERIALIZER'] to "
            "'django_redis.serializers.json.JSONSerializer'.",
        )


@register(TAG)
def a_fleet_has_a_cache(**kwargs: Any) -> list[CheckMessage]:
    """Only a warning: a cache is speed, and a fleet without one is right but slow."""
    if not settings.FLEET or settings.CACHES["default"]["BACKEND"] != DUMMY:
        return []
    return [
        Warning(
            "There is no cache: every page asks the database.",
            hint="Set CACHE_URL to a Redis or Valkey that all servers reach, such as "
            "redis://cache.internal:6379/0.",
            id="bakery.W001",
        )
    ]


def _caches() -> list[tuple[str, dict[str, Any]]]:
    return sorted(settings.CACHES.items())


def _is_pickled(cache: dict[str, Any]) -> bool:
    if cache["BACKEND"] == DJANGO_REDIS:
        serializer = cache.get("OPTIONS", {}).get("SERIALIZER", "")
        return not serializer.endswith(HARMLESS)
    return cache["BACKEND"] in ALWAYS_PICKLED
