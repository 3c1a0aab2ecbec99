"""The doctor asks everything live, and says what to do where it is wrong."""

from __future__ import annotations

import io
import json
import os
import socketserver
import threading
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from bakery.doctor.database import connections_needed
from bakery.jobs import heartbeats, retries
from bakery.pages import triggers
from tests.bakery.forgotten import migrations_forgotten
from tests.bakery.jobs.tasks import note

pytestmark = pytest.mark.django_db(transaction=True)

on_postgresql = pytest.mark.skipif(
    os.environ.get("TEST_ENGINE") == "sqlite", reason="a matter of PostgreSQL"
)


def doctor(**options) -> tuple[int, dict[str, dict]]:
    """Its exit code, and its findings by name."""
    said, code = io.StringIO(), 0
    try:
        call_command("doctor", json=True, stdout=said, **options)
    except CommandError as error:
        code = error.returncode
    findings = json.loads(said.getvalue())["findings"]
    return code, {finding["name"]: finding for finding in findings}


@pytest.fixture
def healthy(redis_cache):
    heartbeats.beat("one")
    return redis_cache


def test_a_healthy_shop_is_all_well(healthy):
    code, found = doctor()
    assert code == 0
    states = {name: finding["state"] for name, finding in found.items()}
    assert states == {
        "database": "ok",
        **({"clock": "ok", "connections": "ok"} if is_postgresql() else {}),
        "migrations": "ok",
        "pages": "ok",
        "cache": "ok",
        "eviction": "ok",
        "cached values": "ok",
        "shared cache": "ok",
        "pictures": "ok",
        "mail": "skipped",
        "workers": "ok",
        "tasks": "ok",
        "dead letters": "ok",
        "releases": "ok",
        "rules": "ok",
    }


def test_a_person_reads_one_line_each_and_what_to_do():
    said = io.StringIO()
    with pytest.raises(CommandError, match="Needs attention: workers."):
        call_command("doctor", stdout=said, no_color=True)
    lines = said.getvalue().splitlines()
    at = lines.index("wrong    workers        none is alive")
    assert lines[at + 1].strip().startswith("Start manage.py work")


def test_a_dead_cache_is_away(healthy, valkey_server):
    valkey_server.kill()
    code, found = doctor()
    assert code == 4
    assert found["cache"]["state"] == "away"
    assert "Start Redis or Valkey" in found["cache"]["do"]
    assert found["database"]["state"] == "ok"


def test_a_cache_that_gets_full_is_wrong(healthy, redis_client):
    before = redis_client.config_get("maxmemory-policy")["maxmemory-policy"]
    redis_client.config_set("maxmemory-policy", "noeviction")
    try:
        code, found = doctor()
    finally:
        redis_client.config_set("maxmemory-policy", before)
    assert code == 1
    assert found["eviction"]["state"] == "wrong"
    assert "allkeys-lru" in found["eviction"]["do"]


def test_pickled_values_are_found_in_redis_itself(healthy, valkey_server):
    usual = {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": f"redis://127.0.0.1:{valkey_server.port}",
    }
    with override_settings(CACHES=settings.CACHES | {"default": usual}):
        code, found = doctor()
    assert code == 1
    assert found["cached values"]["state"] == "wrong"


def test_missing_triggers_are_named(healthy):
    trigger = next(each for each in triggers._found() if each.table == "shop_place")
    on = " ON shop_place" if is_postgresql() else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {trigger.name}{on}")
    try:
        code, found = doctor()
    finally:
        triggers.install()
    assert code == 1
    assert "changes of shop_place are seen late" in found["pages"]["says"]


def test_missing_migrations_are_named(healthy):
    with migrations_forgotten("bakery"):
        code, found = doctor()
    assert code == 1
    assert "the first is bakery.0001_workers" in found["migrations"]["says"]
    assert found["migrations"]["do"] == "Run manage.py safemigrate."


@on_postgresql
def test_more_servers_than_connections_are_wrong(healthy):
    code, found = doctor(clones=1000)
    assert code == 1
    assert found["connections"]["state"] == "wrong"
    assert (
        f"up to {connections_needed(1000)}, the database has 197"
        in (found["connections"]["says"])
    )


def test_late_tasks_and_dead_letters_are_counted(healthy):
    long_ago = timezone.now() - timedelta(minutes=6)
    late, dead, fresh = (note.enqueue("x") for _ in range(3))
    DBTaskResult.objects.filter(pk=late.id).update(enqueued_at=long_ago)
    DBTaskResult.objects.filter(pk=dead.id).update(
        status="FAILED",
        finished_at=long_ago,
        worker_ids=["w"] * retries.MAX_ATTEMPTS,
    )
    code, found = doctor()
    assert code == 1
    assert found["tasks"]["says"] == "1 have waited for more than 5 minutes"
    assert found["dead letters"]["says"] == "1 were given up"
    assert fresh.id


def test_a_shared_cache_without_its_table_is_wrong(healthy):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE shared_cache RENAME TO elsewhere")
    try:
        code, found = doctor()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE elsewhere RENAME TO shared_cache")
    assert code == 1
    assert "safemigrate" in found["shared cache"]["do"]


class Greeting(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        for line in self.rfile:
            self.wfile.write(b"250 ok\r\n")
            if line.startswith(b"quit"):
                return


def test_a_mail_server_is_greeted_and_nothing_is_sent(healthy):
    with socketserver.TCPServer(("127.0.0.1", 0), Greeting) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        port = server.server_address[1]
        smtp = {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": port,
        }
        with override_settings(**smtp):
            code, found = doctor()
        thread.join()
    assert (code, found["mail"]["state"]) == (0, "ok")
    with override_settings(**smtp):
        code, found = doctor()
    assert (code, found["mail"]["state"]) == (4, "away")


def test_the_rules_of_a_fleet_are_among_the_findings(healthy):
    with override_settings(FLEET="x"):
        code, found = doctor()
    assert code == 1
    assert found["rules"]["state"] == "wrong"
    assert found["rules"]["says"].startswith("bakery.E")


def is_postgresql() -> bool:
    return connection.vendor == "postgresql"
