"""Servers say that they live and with which release; nobody waits for it."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from bakery import health, living
from bakery.doctor.findings import State
from bakery.doctor.releases import examine_releases
from bakery.models import Contracted, ServerHeartbeat
from tests.processes import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _a_pulse_of_its_own(monkeypatch):
    monkeypatch.setattr(health, "_pulse", living.Pulse(living.WEB))


def beat(clone: str, release: str, role: str = living.WEB) -> None:
    with override_settings(CLONE_ID=clone, RELEASE=release):
        living.beat(role)


def heard() -> list[tuple[str, str, str]]:
    return [(each.clone, each.role, each.release) for each in living.servers()]


def silence(clone: str, seconds: int) -> None:
    before = timezone.now() - timedelta(seconds=seconds)
    assert ServerHeartbeat.objects.filter(clone=clone).update(seen_at=before)


def test_each_server_has_one_row_with_its_newest_release():
    beat("a", "1")
    beat("a", "1", living.WORK)
    beat("b", "1")
    beat("a", "2")
    assert heard() == [("a", "web", "2"), ("a", "work", "1"), ("b", "web", "1")]
    assert all(each.seconds < 20 for each in living.servers())


def test_who_was_silent_for_a_minute_does_not_live():
    beat("a", "1")
    beat("b", "1")
    silence("a", 50)
    silence("b", 61)
    assert heard() == [("a", "web", "1")]
    assert living.forget_dead() == 1
    assert ServerHeartbeat.objects.get().clone == "a"


def test_who_ends_in_good_order_is_forgotten_at_once():
    beat("a", "1")
    beat("a", "1", living.WORK)
    with override_settings(CLONE_ID="a", RELEASE="1"):
        living.forget(living.WORK)
    assert heard() == [("a", "web", "1")]
    beat("a", "2")
    with override_settings(CLONE_ID="a", RELEASE="1"):
        living.forget(living.WEB)
    assert heard() == [("a", "web", "2")]


def test_however_many_ask_one_of_them_beats(monkeypatch):
    pulse, together, due = living.Pulse(living.WEB), threading.Barrier(8), []

    def ask() -> None:
        together.wait()
        due.append(pulse.is_due())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(due) == [False] * 7 + [True]
    monkeypatch.setattr(living.time, "monotonic", lambda: pulse._due)
    assert pulse.is_due()


def test_a_server_of_a_fleet_beats_when_the_balancer_asks(client):
    with override_settings(FLEET="x", CLONE_ID="clone-1", RELEASE="7"):
        assert client.get("/ready").status_code == 200
        assert wait_until(lambda: heard() == [("clone-1", "web", "7")])


def test_one_machine_by_itself_leaves_it_to_the_worker(client):
    client.get("/ready")
    health._beating.submit(lambda: None).result(20)
    assert heard() == []


def test_a_heartbeat_that_fails_keeps_no_customer_away(client, caplog):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE bakery_serverheartbeat RENAME TO elsewhere")
    try:
        with override_settings(FLEET="x"):
            answer = client.get("/ready")
            health._beating.submit(lambda: None).result(20)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE elsewhere RENAME TO bakery_serverheartbeat")
    assert (answer.status_code, answer.json()["status"]) == (200, "ready")
    assert "heartbeat of the release left out" in caplog.text


@pytest.mark.slow
def test_a_worker_beats_and_is_forgotten_when_it_ends(machine):
    code = (
        "from bakery.living import servers;"
        "print([(each.role, each.release) for each in servers()])"
    )

    def told() -> str:
        return machine.manage("shell", "--no-imports", "-c", code).stdout.strip()

    process = machine.start("work")
    assert wait_until(lambda: told() == "[('work', '0.1.0')]", 40)
    process.terminate()
    process.wait(20)
    assert told() == "[]"


def test_the_doctor_names_releases_that_differ():
    (silent,) = examine_releases()
    assert (silent.state, silent.says) == (State.OK, "no server has been heard")
    beat("a", "1")
    beat("b", "1")
    (same,) = examine_releases()
    assert (same.state, same.says) == (State.OK, "1 on a, b")
    beat("b", "2")
    beat("b", "2", living.WORK)
    (mixed,) = examine_releases()
    assert (mixed.state, mixed.says) == (State.WRONG, "1 on a; 2 on b")
    assert "rollback" in mixed.do


def test_the_doctor_says_that_a_release_is_too_old():
    Contracted.objects.create(migration="shop.0999_no_more")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied)"
            " VALUES ('shop', '0999_no_more', '2026-11-24'),"
            " ('shop', '0999_something_more', '2026-11-24')"
        )
    try:
        *_, old = examine_releases()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE applied='2026-11-24'")
    assert old.state is State.WRONG
    assert "shop.0999_no_more was taken away" in old.says
