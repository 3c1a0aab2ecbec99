"""Which workers are alive: each says so every few seconds, by the database's clock."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable
from datetime import timedelta

from django.db import DatabaseError, connection
from django.db.models.functions import Now

from bakery.models import WorkerHeartbeat

logger = logging.getLogger(__name__)

BEAT_SECONDS = 5
# A worker silent for this long is dead. Longer than a wait for SQLite's write lock,
# which keeps a living worker from writing its heartbeat.
DEAD_AFTER = timedelta(seconds=60)


def beat(worker_id: str) -> None:
    """Write that this worker lives. One statement; safe to repeat."""
    WorkerHeartbeat.objects.bulk_create(
        [
            WorkerHeartbeat(
                worker_id=worker_id,
                host=socket.gethostname(),
                process=os.getpid(),
                seen_at=Now(),
            )
        ],
        update_conflicts=True,
        unique_fields=["worker_id"],
        update_fields=["seen_at"],
    )


def alive() -> set[str]:
    """The workers that have been heard lately. One query."""
    fresh = WorkerHeartbeat.objects.filter(seen_at__gte=Now() - DEAD_AFTER)
    return set(fresh.values_list("worker_id", flat=True))


def forget(worker_id: str) -> None:
    """The worker is known to be gone: its tasks may go to others at once."""
    WorkerHeartbeat.objects.filter(worker_id=worker_id).delete()


def forget_dead() -> int:
    """Remove the rows of workers that fell silent; how many there were."""
    stale = WorkerHeartbeat.objects.filter(seen_at__lt=Now() - DEAD_AFTER)
    return stale.delete()[0]


def beat_until(
    stopped: threading.Event, worker_id: str, also: Callable[[], object]
) -> None:
    """Beat every few seconds in this thread, on a connection of its own.

    A beat that fails is left out: the next one says the same. `also` is called with
    each beat.
    """
    while not stopped.wait(BEAT_SECONDS):
        try:
            beat(worker_id)
            also()
        except DatabaseError:
            logger.warning("heartbeat left out: the database did not answer")
            connection.close()
