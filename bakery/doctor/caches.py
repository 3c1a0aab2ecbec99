"""Examines both caches: the fast one that may be away, the shared one that may not."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from typing import Any

from django.core.cache import caches
from django.db import DatabaseError
from redis.exceptions import RedisError, ResponseError

from bakery.doctor.findings import Finding, State, Stopwatch, or_away

EVICTS = ("allkeys-", "volatile-")
START_IT = "Start Redis or Valkey, or set CACHE_URL; until then the shop is slower."


def examine_cache() -> Iterator[Finding]:
    """The cache of CACHE_URL: answers, evicts, keeps JSON."""
    cache = caches["default"]
    if getattr(cache, "client", None) is None:
        yield Finding("cache", State.SKIPPED, "there is none (CACHE_URL is not set)")
        return
    server = cache.client.get_client(write=True)
    with or_away("cache", START_IT, RedisError, OSError) as found:
        watch = Stopwatch()
        server.ping()
        found.append(Finding("cache", State.OK, f"answers in {watch}"))
        found.append(_policy(server))
        found.append(_values(cache, server))
    yield from found


def _policy(server: Any) -> Finding:
    try:
        policy = server.config_get("maxmemory-policy")["maxmemory-policy"]
    except (ResponseError, KeyError):
        return Finding("eviction", State.SKIPPED, "this Redis does not tell its policy")
    if policy.startswith(EVICTS):
        return Finding("eviction", State.OK, f"makes room by itself ({policy})")
    return Finding(
        "eviction",
        State.WRONG,
        f"refuses to keep anything once it is full ({policy})",
        "Set maxmemory and maxmemory-policy allkeys-lru in the server.",
    )


def _values(cache: Any, server: Any) -> Finding:
    """What lies in Redis is data: read past the client, and parsed as JSON."""
    name = f"doctor:{secrets.token_hex(8)}"
    cache.set(name, {"bread": 1}, 60)
    raw = server.get(cache.make_key(name))
    cache.delete(name)
    try:
        if json.loads(raw) == {"bread": 1}:
            return Finding("cached values", State.OK, "are JSON")
    except (TypeError, ValueError):
        pass
    return Finding(
        "cached values",
        State.WRONG,
        "are not kept, or not as JSON: whoever writes to Redis could run code",
        "Use CACHE_URL, which sets JSON up.",
    )


def examine_shared_cache() -> Iterator[Finding]:
    """The shared one of limits and locks: keeps, gives back, forgets."""
    cache, name = caches["shared"], f"doctor:{secrets.token_hex(8)}"
    watch = Stopwatch()
    try:
        cache.set(name, "bread", 60)
        kept = cache.get(name)
        cache.delete(name)
    except DatabaseError as error:
        words = str(error).splitlines()[0]
        do = "If the database answers: manage.py safemigrate, which makes its table."
        yield Finding("shared cache", State.WRONG, f"cannot be used: {words}", do)
        return
    if kept == "bread":
        yield Finding("shared cache", State.OK, f"keeps and forgets in {watch}")
    else:
        do = 'Let CACHES["shared"] be the database cache again.'
        yield Finding("shared cache", State.WRONG, "does not keep values", do)
