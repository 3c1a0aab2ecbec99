"""A database that has not had the newest migrations yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.migrations.recorder import MigrationRecorder


@contextmanager
def migrations_forgotten(app: str) -> Iterator[None]:
    """As if this app had not been migrated, for as long as the block lasts."""
    rows = MigrationRecorder.Migration.objects.filter(app=app)
    names = list(rows.order_by("pk").values_list("name", flat=True))
    rows.delete()
    try:
        yield
    finally:
        for name in names:
            MigrationRecorder(connection).record_applied(app, name)
