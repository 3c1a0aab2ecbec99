"""What Prometheus reads."""

from __future__ import annotations

import http.client
import re
import socket
import subprocess
import sys
from contextlib import closing

import pytest
from django.db import DatabaseError, connection
from django.test import override_settings

from bakery import measures
from bakery.jobs import heartbeats
from tests.bakery.jobs.tasks import note
from tests.processes import wait_until
from tests.shop import make

LINE = re.compile(r"(bakery_\w+(?:\{[^}]*\})?) (\S+)")


@pytest.fixture(autouse=True)
def own_folder(tmp_path):
    with override_settings(VAR_DIR=tmp_path, CLONE_ID="clone-5", RELEASE="7"):
        yield tmp_path


def figures(text: str) -> dict[str, float]:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in map(fields, lines)}


def fields(line: str) -> tuple[str, str]:
    return LINE.fullmatch(line).groups()


@pytest.mark.django_db
def test_requests_are_counted_by_class_and_by_time(client):
    for address in ("/up", "/up", "/nowhere/"):
        client.get(address)
    found = figures(client.get("/metrics").content.decode())
    assert found['bakery_requests_total{status="2xx"}'] == 2
    assert found['bakery_requests_total{status="4xx"}'] == 1
    assert found['bakery_requests_total{status="5xx"}'] == 0
    assert found['bakery_request_seconds_bucket{le="+Inf"}'] == 3
    assert found["bakery_request_seconds_count"] == 3
    assert found["bakery_request_seconds_sum"] > 0
    assert found['bakery_info{clone="clone-5",release="7"}'] == 1


def test_a_request_falls_into_its_bucket_and_all_above():
    for seconds in (0.005, 0.006, 0.3, 60):
        measures.request_answered(200, seconds)
    counted = measures.requests()
    assert list(counted.by_bound.items())[:2] == [("0.005", 1), ("0.01", 2)]
    assert counted.by_bound["0.25"] == 2
    assert counted.by_bound["0.5"] == counted.by_bound["5.0"] == 3
    assert counted.by_bound["+Inf"] == counted.by_class["2xx"] == 4
    assert counted.seconds == pytest.approx(60.311)


def test_processes_are_added_up_and_the_dead_still_count(own_folder):
    measures.request_answered(200, 1)
    code = (
        "import django; from django.conf import settings as s;"
        f"s.configure(VAR_DIR={str(own_folder)!r}, CLONE_ID='clone-5');"
        "from bakery import measures; measures.request_answered(503, 2)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    counted = measures.requests()
    assert (counted.by_class["2xx"], counted.by_class["5xx"]) == (1, 1)
    assert counted.seconds == 3
    with override_settings(CLONE_ID="clone-50"):
        assert measures.requests().seconds == 0
    measures.begin_anew()
    assert measures.requests().seconds == 0


@pytest.mark.django_db
def test_the_shop_s_figures_are_the_database_s(client):
    note.enqueue("x")
    heartbeats.beat("one")
    make.make_capacity(limit=3)
    found = figures(client.get("/metrics").content.decode())
    assert found["bakery_orders_placed_total"] == 0
    assert found['bakery_tasks{state="waiting"}'] == 1
    assert found['bakery_tasks{state="given_up"}'] == 0
    assert found['bakery_limits{state="open"}'] >= 1
    assert found['bakery_limits{state="full"}'] == 0
    assert found["bakery_workers"] == 1
    assert found["bakery_database_up"] == 1
    assert found["bakery_cache_breaker_open"] == 0


@pytest.mark.django_db
def test_without_a_database_the_server_s_own_figures_still_come(client):
    def away(*args):
        raise DatabaseError("away")

    with connection.execute_wrapper(away):
        answer = client.get("/metrics")
    assert answer.status_code == 200
    found = figures(answer.content.decode())
    assert found["bakery_database_up"] == 0
    assert "bakery_orders_placed_total" not in found
    assert "bakery_request_seconds_count" in found


@pytest.mark.django_db
def test_who_comes_through_a_proxy_finds_nothing(client):
    answer = client.get("/metrics", headers={"x-forwarded-for": "203.0.113.5"})
    assert answer.status_code == 404
    assert b"bakery_" not in answer.content


def answer_of(port: int, path: str) -> str:
    """Without going on to where it leads."""
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    asked.request("GET", path)
    with closing(asked):
        return asked.getresponse().read().decode()


def ask_and_leave(port: int) -> None:
    """As who has waited long enough: the server answers all the same, and counts."""
    with socket.create_connection(("127.0.0.1", port), 5) as left:
        left.sendall(b"GET /up HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")


@pytest.mark.slow
def test_all_processes_of_a_server_answer_for_all(machine):
    """Two gunicorn processes: whichever is asked, none of the requests is missing.

    Of addresses that nobody else asks: while a server starts on a busy machine, who
    asked whether it is up may have left, and is counted some time later.
    """
    machine.manage("collectstatic", "--no-input", "--verbosity=0")
    machine.start("serve", "--web-only")
    assert wait_until(machine.answers), machine.log
    for _ in range(10):
        ask_and_leave(machine.port)
    for _ in range(20):
        answer_of(machine.port, "/basket")  # leads to /basket/
    seen = [figures(answer_of(machine.port, "/metrics")) for _ in range(5)]
    assert [each['bakery_requests_total{status="3xx"}'] for each in seen] == [20] * 5
