"""The cache may be away, slow or hostile: the shop goes on, and nothing runs."""

from __future__ import annotations

import pickle
import time
from pathlib import Path

import pytest
from django.core.cache import caches
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from bakery.breaker import Breaker
from settings.caches import TIMEOUT
from settings.caches import caches as caches_of


def test_a_value_is_kept(redis_cache):
    redis_cache.set("bread", {"name": "milk bread"}, 60)
    assert redis_cache.get("bread") == {"name": "milk bread"}


def test_values_in_redis_are_json(redis_cache, redis_client):
    redis_cache.set("bread", {"pieces": 2}, 60)
    (key,) = redis_client.keys("*")
    assert redis_client.get(key) == b'{"pieces": 2}'


class Planted:
    """Unpickling one makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_a_planted_pickle_runs_nothing(redis_cache, redis_client, tmp_path):
    redis_cache.set("bread", 1, 60)
    (key,) = redis_client.keys("*")
    trap = tmp_path / "it-ran"
    redis_client.set(key, pickle.dumps(Planted(trap)))
    with pytest.raises(ValueError, match="utf-8|JSON|Expecting"):
        redis_cache.get("bread")
    assert not trap.exists()


def test_control_a_planted_pickle_runs_with_the_usual_settings(
    redis_client, valkey_server, tmp_path
):
    usual = {
        "default": {
            "BACKEND": "django_redis.cache.RedisCache",
            "LOCATION": f"redis://127.0.0.1:{valkey_server.port}",
        }
    }
    with override_settings(CACHES=usual):
        caches["default"].set("bread", "milk", 60)
        (key,) = redis_client.keys("*")
        trap = tmp_path / "it-ran"
        redis_client.set(key, pickle.dumps(Planted(trap)))
        caches["default"].get("bread")
        caches.close_all()
    assert trap.exists()


def test_a_dead_cache_is_a_miss(redis_cache, valkey_server):
    redis_cache.set("bread", 1, 60)
    valkey_server.kill()
    assert redis_cache.get("bread") is None
    assert redis_cache.get("bread", "nothing") == "nothing"
    assert not redis_cache.set("bread", 2, 60)
    assert not redis_cache.delete("bread")


def slow_ones(cache, calls: int) -> tuple[int, float]:
    """How many of the calls waited for a time-out, and how long all of them took."""
    slow, began = 0, time.perf_counter()
    for _ in range(calls):
        asked = time.perf_counter()
        assert cache.get("bread") is None
        slow += time.perf_counter() - asked >= TIMEOUT
    return slow, time.perf_counter() - began


def test_a_frozen_cache_costs_one_time_out_a_second(redis_cache, valkey_server):
    redis_cache.set("bread", 1, 60)
    valkey_server.freeze()
    slow, seconds = slow_ones(redis_cache, 100)
    assert 1 <= slow <= seconds + 1


def test_control_without_the_breaker_every_call_waits(redis_cache, valkey_server):
    redis_cache.set("bread", 1, 60)
    redis_cache.client.get_client().connection_pool.breaker = Breaker(rest_seconds=0)
    valkey_server.freeze()
    slow, seconds = slow_ones(redis_cache, 12)
    assert slow == 12
    assert slow > seconds + 1


def test_it_is_used_again_when_it_is_back(redis_cache, valkey_server):
    valkey_server.freeze()
    assert redis_cache.get("bread") is None
    valkey_server.thaw()
    redis_cache.client.get_client().breaker.rest_seconds = 0
    redis_cache.client.get_client().breaker.failed()
    redis_cache.set("bread", 3, 60)
    assert redis_cache.get("bread") == 3


def test_the_breaker_lets_one_caller_try_after_the_rest():
    now = [100.0]
    breaker = Breaker(rest_seconds=1, clock=lambda: now[0])
    assert breaker.allows()
    breaker.failed()
    assert not breaker.allows()
    now[0] += 1.0
    assert [breaker.allows() for _ in range(3)] == [True, False, False]
    breaker.worked()
    assert [breaker.allows() for _ in range(3)] == [True, True, True]


def test_without_a_url_nothing_is_cached_anywhere():
    assert caches_of("")["default"]["BACKEND"].endswith("DummyCache")


def test_sentinels_are_read_from_the_url():
    settings = caches_of("redis+sentinel://one:26379,two:26380/shop/1")["default"]
    assert settings["LOCATION"] == "redis://shop/1"
    assert settings["OPTIONS"]["SENTINELS"] == [("one", 26379), ("two", 26380)]


@pytest.mark.parametrize("url", ["memcached://here", "redis+sentinel://one:26379"])
def test_a_wrong_url_says_what_it_can_be(url):
    with pytest.raises(ImproperlyConfigured, match="CACHE_URL"):
        caches_of(url)
