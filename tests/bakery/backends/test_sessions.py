"""Sessions: the row is the truth, and a cache that fails in any way changes nothing."""

from __future__ import annotations

import threading
from importlib import import_module

import pytest
from django.contrib.auth import SESSION_KEY as LOGGED_IN
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import override_settings

from bakery.sessions import SessionStore
from tests.bakery.backends.session_behaviours import SessionBehaviours

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("redis_cache"),
]


def opened(session: SessionStore) -> SessionStore:
    """The session as the next request, on another server, finds it."""
    return SessionStore(session.cookie_value)


def saved(**values: object) -> SessionStore:
    session = SessionStore()
    session.update(values)
    session.save()
    return session


class TestWithTheCache(SessionBehaviours):
    engine = SessionStore


class TestWithoutACache(SessionBehaviours):
    engine = SessionStore

    @pytest.fixture(autouse=True)
    def _cache_is_dead(self, valkey_server, redis_cache):
        valkey_server.kill()


def test_a_read_of_the_copy_costs_no_query(django_assert_num_queries):
    session = saved(bread=1)
    with django_assert_num_queries(0):
        assert opened(session)["bread"] == 1


def test_without_the_copy_the_row_is_read_once_and_copied(
    redis_client, django_assert_num_queries
):
    session = saved(bread=1)
    redis_client.flushall()
    with django_assert_num_queries(1):
        assert opened(session)["bread"] == 1
    with django_assert_num_queries(0):
        assert opened(session)["bread"] == 1


def test_who_is_logged_in_is_always_read_from_the_row(django_assert_num_queries):
    session = saved(**{LOGGED_IN: "7"})
    with django_assert_num_queries(1):
        assert opened(session)[LOGGED_IN] == "7"
    with django_assert_num_queries(1):
        assert opened(session)[LOGGED_IN] == "7"


def test_a_log_out_holds_although_the_cache_did_not_hear_of_it(
    redis_cache, valkey_server
):
    session = saved(bread=1)
    session[LOGGED_IN] = "7"
    session.save()
    cookie = session.cookie_value
    valkey_server.freeze()
    session.flush()
    valkey_server.thaw()
    assert SessionStore(cookie).get(LOGGED_IN) is None


def brown_out(session, redis_client):
    """Redis goes away with its copy, a change is made meanwhile, Redis comes back."""
    (key,) = redis_client.keys("*session*")
    old_copy = redis_client.get(key)
    redis_client.delete(key)
    session["bread"] = 2
    session.save()
    redis_client.set(key, old_copy)


def test_a_cache_that_comes_back_old_is_not_believed(redis_client):
    session = saved(bread=1)
    brown_out(session, redis_client)
    assert opened(session)["bread"] == 2
    later = opened(session)
    later["roll"] = 1
    later.save()
    assert dict(opened(later).items()) == {"bread": 2, "roll": 1}


def test_control_djangos_own_engine_believes_the_old_copy(redis_client):
    stock = import_module("django.contrib.sessions.backends.cached_db").SessionStore
    session = stock()
    session["bread"] = 1
    session.save()
    (key,) = redis_client.keys("*")
    old_copy = redis_client.get(key)
    session["bread"] = 2
    session.save()
    redis_client.set(key, old_copy)
    assert stock(session.session_key)["bread"] == 1


@pytest.mark.parametrize("trouble", ["kill", "freeze"])
def test_a_cache_in_trouble_changes_nothing_for_the_shopper(
    trouble, valkey_server, redis_cache
):
    session = saved(bread=1)
    getattr(valkey_server, trouble)()
    again = opened(session)
    assert again["bread"] == 1
    again["roll"] = 2
    again.save()
    assert dict(opened(again).items()) == {"bread": 1, "roll": 2}


def test_control_djangos_cache_engine_loses_the_session_when_redis_dies(valkey_server):
    stock = import_module("django.contrib.sessions.backends.cache").SessionStore
    session = stock()
    session["bread"] = 1
    session.save()
    valkey_server.kill()
    assert stock(session.session_key).get("bread") is None


def test_two_requests_that_change_different_keys_both_count():
    session = saved(bread=1)
    one, two = opened(session), opened(session)
    one["roll"] = 1
    two["cake"] = 1
    one.save()
    two.save()
    assert dict(opened(two).items()) == {"bread": 1, "roll": 1, "cake": 1}


def test_control_djangos_own_engine_keeps_the_last_one_only():
    stock = import_module("django.contrib.sessions.backends.cached_db").SessionStore
    session = stock()
    session["bread"] = 1
    session.save()
    one, two = stock(session.session_key), stock(session.session_key)
    one["roll"] = 1
    two["cake"] = 1
    one.save()
    two.save()
    assert dict(stock(session.session_key).items()) == {"bread": 1, "cake": 1}


@pytest.mark.django_db(transaction=True)
def test_sixteen_servers_change_one_session_and_nothing_is_lost():
    session = saved(bread=1)
    together = threading.Barrier(16)

    def change(number: int) -> None:
        mine = opened(session)
        mine[f"roll-{number}"] = number
        together.wait()
        mine.save()
        connection.close()

    threads = [threading.Thread(target=change, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = dict(SessionStore(f"{session.session_key}.0").items())
    assert kept == {"bread": 1} | {f"roll-{n}": n for n in range(16)}


@override_settings(
    SESSION_ENGINE="bakery.sessions",
    MIDDLEWARE=["bakery.sessions.VersionedSessionMiddleware"],
    ROOT_URLCONF="tests.bakery.backends.session_urls",
)
def test_the_cookie_names_the_version_and_is_kept_through_trouble(
    client, valkey_server
):
    client.get("/put/bread/")
    first = client.cookies["session"].value
    client.get("/put/roll/")
    assert client.cookies["session"].value == first.replace(".1", ".2")
    valkey_server.kill()
    answer = client.get("/show/")
    assert answer.json() == {"bread": 1, "roll": 1}
    assert "session" not in answer.cookies
    assert Session.objects.count() == 1
