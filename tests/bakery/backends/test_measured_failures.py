"""What Django's own engines do when Redis fails, and what ours does: side by side.

Each failure was measured on real servers before the shop was built, and has its number
from there. The control shows that the failure is real with the pieces as they come.
"""

from __future__ import annotations

import threading
from importlib import import_module

import pytest
from django.core.cache import caches
from django.db import connections
from django.test import override_settings
from redis.exceptions import ConnectionError as RedisAway

from bakery.sessions import SessionStore
from basket.backends.base import stores
from basket.tokens import new_token
from tests.races.crowd import all_at_once

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("redis_cache"),
]

BREADS = 8


def stock(name: str) -> type:
    """One of Django's own session engines."""
    return import_module(f"django.contrib.sessions.backends.{name}").SessionStore


@pytest.fixture
def unguarded(valkey_server, redis_client):
    """django-redis as it comes: no time-out, errors come through."""
    usual = {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": f"redis://127.0.0.1:{valkey_server.port}",
    }
    with override_settings(CACHES={"default": usual}):
        yield
        caches.close_all()


# --- M1: a basket in the session loses what is added at the same moment --------------


def add_bread(session, number: int, together: threading.Barrier) -> None:
    """What a view does: read the session, change the basket in it, write it back."""
    basket = dict(session.get("basket", {}))
    together.wait()
    session["basket"] = basket | {f"bread-{number}": 1}
    session.save()


@pytest.mark.django_db(transaction=True)
def test_m1_control_a_basket_in_the_session_loses_adds():
    engine = stock("cached_db")
    session = engine()
    session.save()
    together = threading.Barrier(BREADS)
    all_at_once(
        lambda n: add_bread(engine(session.session_key), n, together), BREADS, BREADS
    )
    connections.close_all()
    assert len(engine(session.session_key)["basket"]) < BREADS


@pytest.mark.django_db(transaction=True)
def test_m1_our_baskets_keep_them_all():
    token, store = new_token(), stores["default"]
    together = threading.Barrier(BREADS)

    def add(number: int) -> None:
        together.wait()
        store.add(token, f"bread-{number}", 1, operation=f"operation-{number}")

    all_at_once(add, BREADS, BREADS)
    assert len(store.read(token).lines) == BREADS


# --- M3: cached_db does not fall back to the database --------------------------------


def test_m3_control_cached_db_fails_when_redis_is_cut_off(unguarded, valkey_server):
    engine = stock("cached_db")
    session = engine()
    session["bread"] = 1
    session.save()
    valkey_server.kill()
    with pytest.raises(RedisAway):
        engine(session.session_key).get("bread")


def test_m3_our_session_is_read_from_its_row(valkey_server):
    session = SessionStore()
    session["bread"] = 1
    session.save()
    valkey_server.kill()
    assert SessionStore(session.cookie_value)["bread"] == 1


# --- M4: after a brown-out the old copy is served, and then saved over the row --------


def after_brown_out(engine, key, redis_client):
    """Two breads were put in while Redis was away; it comes back knowing of one."""
    session = engine()
    session["bread"] = 1
    session.save()
    kept = {name: redis_client.get(name) for name in redis_client.keys("*")}
    session["bread"] = 2
    session.save()
    for name, value in kept.items():
        redis_client.set(name, value)
    again = engine(key(session))
    again["roll"] = 1
    again.save()
    redis_client.flushall()
    return engine(key(again))


def test_m4_control_cached_db_brings_back_the_old_and_overwrites_the_row(redis_client):
    found = after_brown_out(stock("cached_db"), lambda s: s.session_key, redis_client)
    assert found["bread"] == 1


def test_m4_our_session_never_goes_back(redis_client):
    found = after_brown_out(SessionStore, lambda s: s.cookie_value, redis_client)
    assert (found["bread"], found["roll"]) == (2, 1)


# --- M5: without Redis a new session is tried for ten thousand times ------------------


def tries_of_a_new_session(engine) -> int:
    """How often the engine asks the cache to keep one new session; stops at 50."""
    cache = caches["default"]
    add, tries = type(cache).add, 0

    def counted(self, *words, **options):
        nonlocal tries
        tries += 1
        if tries >= 50:
            raise StopIteration
        return add(self, *words, **options)

    type(cache).add = counted
    try:
        engine().create()
    except StopIteration:
        return tries
    finally:
        type(cache).add = add
    return tries


def test_m5_control_the_cache_engine_tries_on_and_on(valkey_server):
    valkey_server.kill()
    assert tries_of_a_new_session(stock("cache")) == 50


def test_m5_our_session_is_made_at_once(valkey_server):
    valkey_server.kill()
    assert tries_of_a_new_session(SessionStore) <= 1
    session = SessionStore()
    session.create()
    assert SessionStore(session.cookie_value).exists(session.session_key)


# --- M6: an emptied Redis takes every session with it ---------------------------------


def kept_after_flush(engine, key, redis_client):
    session = engine()
    session["bread"] = 1
    session.save()
    redis_client.flushall()
    return engine(key(session)).get("bread")


def test_m6_control_the_cache_engine_forgets_everybody(redis_client):
    engine = stock("cache")
    assert kept_after_flush(engine, lambda s: s.session_key, redis_client) is None


def test_m6_our_sessions_are_all_there(redis_client):
    assert kept_after_flush(SessionStore, lambda s: s.cookie_value, redis_client) == 1


# M12, a planted pickle that runs code, is in test_caches.py with its control.
