"""Connections to PostgreSQL: pooled per process, never shared over a fork."""

from __future__ import annotations

import os
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import psutil
import psycopg
import pytest
from django.db import connections

from bakery.servers.postgres import Postgres
from tests.processes import Machine, wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        os.environ.get("TEST_ENGINE") == "sqlite", reason="SQLite has no server"
    ),
]


@pytest.fixture
def shop(tmp_path, django_db_setup):
    """A shop on the migrated test database, with the settings of a real one."""
    machine = Machine(tmp_path)
    server = os.environ["DATABASE_URL"].rpartition("/")[0]
    name = connections["default"].settings_dict["NAME"]
    machine.environment["DATABASE_URL"] = f"{server}/{name}"
    machine.manage("collectstatic", "--no-input", "--verbosity=0")
    yield machine
    machine.clean_up()


def backends() -> set[int]:
    """The server's processes that work for anybody but this test."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            " AND datname = current_database() AND backend_type = 'client backend'"
        )
        return {pid for (pid,) in cursor.fetchall()}


def test_the_first_process_leaves_no_connection_to_its_children(shop):
    serve = shop.start("serve", "--web-only")
    assert wait_until(lambda: shop.answers("/up")), shop.log
    [web] = psutil.Process(serve.pid).children()
    assert wait_until(lambda: len(web.children()) == 2)
    family = [web, *web.children()]
    port = connections["default"].settings_dict["PORT"]
    to_database = [
        connection
        for process in family
        for connection in process.net_connections()
        if connection.raddr and connection.raddr.port == int(port)
    ]
    assert to_database == []


def test_the_shop_answers_again_right_after_its_connections_were_cut(shop):
    shop.start("serve", "--web-only")
    assert wait_until(lambda: shop.answers("/ready")), shop.log
    for _ in range(8):
        assert shop.answers("/ready")
    assert backends()
    with connections["default"].cursor() as cursor:
        for pid in backends():
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    assert [status_of(f"{shop.url}/basket/") for _ in range(8)] == [200] * 8


@pytest.fixture
def own_server():
    """A PostgreSQL that a test may stop."""
    server = Postgres()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def shop_on_it(own_server, tmp_path):
    """One process of the shop on a database that a test may stop."""
    machine = Machine(tmp_path)
    machine.environment |= {"DATABASE_URL": own_server.url, "WEB_CONCURRENCY": "1"}
    try:
        machine.manage("prepare")
        machine.start("serve", "--web-only")
        assert wait_until(lambda: machine.answers("/ready")), machine.log
        yield machine
    finally:
        machine.clean_up()


@pytest.mark.parametrize(
    ("trouble", "back"), [("kill", "resume"), ("freeze", "thaw")], ids=lambda word: word
)
def test_a_database_that_is_away_costs_one_time_out_a_second(
    own_server, shop_on_it, trouble, back
):
    page = f"{shop_on_it.url}/basket/"
    assert status_of(page) == 200
    getattr(own_server, trouble)()
    began = time.perf_counter()
    answers = [status_of(page) for _ in range(40)]
    taken = time.perf_counter() - began
    assert answers == [503] * 40
    # Without the breaker it would be 40 time-outs of 2 s.
    assert taken < 8
    assert status_of(f"{shop_on_it.url}/ready") == 200
    getattr(own_server, back)()
    assert wait_until(lambda: status_of(page) == 200, 5), shop_on_it.log


def test_a_request_that_finds_the_database_frozen_half_way_is_given_up(
    own_server, shop_on_it
):
    """Each thread waits in the middle of a query; none of them waits for ever."""
    rows = psycopg.connect(own_server.url)
    rows.execute("LOCK TABLE basket_basket")
    with ThreadPoolExecutor(4) as shoppers:
        asked = [
            shoppers.submit(status_of, f"{shop_on_it.url}/basket/") for _ in range(4)
        ]
        waiting = (
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'relation'"
            " AND relation = 'basket_basket'::regclass"
        )
        with psycopg.connect(own_server.url, autocommit=True) as looking:
            assert wait_until(lambda: looking.execute(waiting).fetchone()[0] == 4, 2)
        own_server.freeze()
        began = time.perf_counter()
        assert [each.result() for each in asked] == [503] * 4
        assert time.perf_counter() - began < 12
    own_server.thaw()
    rows.close()


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code
