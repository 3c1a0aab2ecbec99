"""Redis or Valkey as a cache that may be away: a miss, quickly, and never an error.

Made of django-redis: this module only adds the breaker. Values are JSON, so that
whoever can write to Redis cannot run code in the shop.
"""

from __future__ import annotations

from typing import Any

from django.core.cache import caches
from redis import Redis
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisSlow

from bakery.breaker import Breaker


class GuardedRedis(Redis):
    """redis-py's client with one breaker per connection pool, which means per process.

    While the breaker rests every command fails at once, as if the connection had
    been refused; django-redis turns that into a miss (IGNORE_EXCEPTIONS).
    """

    @property
    def breaker(self) -> Breaker:
        """The pool's breaker; a pool is shared by all threads of the process."""
        return self.connection_pool.__dict__.setdefault("breaker", Breaker())

    def execute_command(self, *words: Any, **options: Any) -> Any:
        """One command. Raises ConnectionError at once while the breaker rests."""
        breaker = self.breaker
        if not breaker.allows():
            raise RedisAway("Redis failed a moment ago and is left in peace.")
        try:
            answer = super().execute_command(*words, **options)
        except (RedisAway, RedisSlow, OSError):
            breaker.failed()
            raise
        breaker.worked()
        return answer


def answers(alias: str) -> bool:
    """Does the cache answer? Always for one that is no server of its own.

    A Redis is asked with one word, at most once per rest of the breaker while it is
    away.
    """
    client = getattr(caches[alias], "client", None)
    if client is None:
        return True
    try:
        return bool(client.get_client(write=True).ping())
    except (RedisError, OSError):
        return False


def breaker_is_open(alias: str) -> bool:
    """Is the cache left in peace by this process? False for one that is no Redis."""
    client = getattr(caches[alias], "client", None)
    return client is not None and client.get_client(write=True).breaker.is_open
