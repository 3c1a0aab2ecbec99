"""What the load balancer asks."""

from __future__ import annotations

import pytest
from django.db.migrations.recorder import MigrationRecorder


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
    assert answer.json() == {"status": "ready", "release": "0.1.0", "database": "up"}


@pytest.mark.django_db
def test_ready_is_503_while_a_migration_is_missing(client):
    MigrationRecorder.Migration.objects.filter(app="bakery").delete()
    answer = client.get("/ready")
    assert answer.status_code == 503
    assert answer.json()["migrations"][0] == "bakery.0001_workers"
