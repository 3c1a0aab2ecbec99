"""What the load balancer asks."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest
from django.test import override_settings

from bakery import draining, health
from bakery.health import missing_migrations
from tests.bakery.forgotten import migrations_forgotten
from tests.processes import wait_until


def test_up_touches_no_database(client):
    """No database mark on this test: a query would fail it."""
    answer = client.get("/up")
    assert answer.status_code == 200
    assert answer.content == b"up\n"
    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies


@pytest.mark.django_db
def test_ready_says_so(client):
    answer = client.get("/ready")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready",
        "release": "0.1.0",
        "database": "up",
        "cache": "up",
    }


@pytest.mark.django_db
def test_ready_asks_little(django_assert_max_num_queries):
    """The balancer asks it several times a second."""
    missing_migrations()
    with django_assert_max_num_queries(2):
        assert missing_migrations() == []


@pytest.mark.django_db
def test_ready_waits_for_nothing_that_hangs(client):
    """A frozen database; later answers count as none for the balancer."""
    thaw = threading.Event()
    with pytest.raises(TimeoutError):
        health._in_time(thaw.wait)
    began = time.perf_counter()
    answer = client.get("/ready")
    assert time.perf_counter() - began < 0.5
    assert answer.status_code == 200
    assert answer.json()["database"] == "away"
    thaw.set()
    assert wait_until(lambda: client.get("/ready").json()["database"] == "up")


@pytest.mark.django_db(transaction=True)
def test_ready_is_503_while_a_migration_is_missing(client):
    with migrations_forgotten("bakery"):
        answer = client.get("/ready")
    assert answer.status_code == 503
    assert answer.json()["migrations"][0] == "bakery.0001_workers"


@pytest.fixture
def own_folder(tmp_path):
    with override_settings(VAR_DIR=tmp_path, CLONE_ID="../clone 7"):
        yield tmp_path


def test_a_draining_server_is_not_ready_and_asks_nobody(client, own_folder):
    """No database mark on this test: a query would fail it."""
    draining.begin()
    draining.begin()
    answer = client.get("/ready")
    assert answer.status_code == 503
    assert answer.json() == {"status": "draining", "release": "0.1.0"}
    assert client.get("/up").status_code == 200
    assert [path.name for path in own_folder.glob("drain*")] == ["drain..._clone_7"]


def test_a_draining_server_can_say_so_by_404(client, own_folder):
    draining.begin()
    answer = client.get("/ready?draining=404")
    assert (answer.status_code, answer.json()["status"]) == (404, "draining")
    assert client.get("/ready?draining=200").status_code == 503


@pytest.mark.django_db
def test_a_server_that_was_drained_can_come_back(client, own_folder):
    draining.begin()
    draining.end()
    draining.end()
    assert client.get("/ready").status_code == 200


@pytest.mark.django_db
def test_one_clone_s_drain_is_not_its_neighbour_s(client, own_folder):
    draining.begin()
    with override_settings(CLONE_ID="clone-8"):
        assert client.get("/ready").status_code == 200


def test_a_process_drains_from_the_moment_it_is_told_to_stop(own_folder):
    code = (
        "import os, signal; from django.conf import settings as s;"
        f"s.configure(VAR_DIR={str(own_folder)!r}, CLONE_ID='c');"
        "from bakery import draining; told = [];"
        "signal.signal(signal.SIGTERM, lambda *_: told.append(1));"
        "draining.begin_with_sigterm(); assert not draining.is_draining();"
        "os.kill(os.getpid(), signal.SIGTERM);"
        "assert draining.is_draining() and told == [1]"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
