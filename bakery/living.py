"""Which servers live, with which release, and what their code can do without.

Each says so every few seconds by one row, web servers when the balancer asks /ready,
workers from their own loop. Who takes something out of the database looks here first.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import NamedTuple

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import DurationField, ExpressionWrapper, F
from django.db.models.functions import Now

from bakery.jobs.heartbeats import DEAD_AFTER
from bakery.models import ServerHeartbeat
from bakery.phases import contract_names

logger = logging.getLogger(__name__)

EVERY_SECONDS = 10
WEB, WORK = "web", "work"


class Server(NamedTuple):
    """A server that was heard lately."""

    clone: str
    role: str
    release: str
    can_do_without: frozenset[str]
    seconds: float  # since it was heard

    def __str__(self) -> str:
        return f"{self.clone} ({self.role}, release {self.release})"


def beat(role: str) -> None:
    """Write that this server lives, with its release. One statement; repeatable."""
    ServerHeartbeat.objects.bulk_create(
        [
            ServerHeartbeat(
                clone=settings.CLONE_ID,
                role=role,
                release=settings.RELEASE,
                can_do_without=contract_names(),
                seen_at=Now(),
            )
        ],
        update_conflicts=True,
        unique_fields=["clone", "role"],
        update_fields=["release", "can_do_without", "seen_at"],
    )


def servers() -> list[Server]:
    """Those that were heard in the last minute, by name. One query."""
    age = ExpressionWrapper(Now() - F("seen_at"), output_field=DurationField())
    fresh = ServerHeartbeat.objects.filter(seen_at__gte=Now() - DEAD_AFTER)
    return [
        Server(
            row.clone,
            row.role,
            row.release,
            frozenset(row.can_do_without),
            row.age.total_seconds(),
        )
        for row in fresh.annotate(age=age).order_by("clone", "role")
    ]


def forget(role: str) -> None:
    """This server is about to end in good order. Repeatable.

    If another release has taken its place already, that one stays.
    """
    ServerHeartbeat.objects.filter(
        clone=settings.CLONE_ID, role=role, release=settings.RELEASE
    ).delete()


def forget_dead() -> int:
    """Remove the rows of servers that fell silent; how many there were."""
    stale = ServerHeartbeat.objects.filter(seen_at__lt=Now() - DEAD_AFTER)
    return stale.delete()[0]


class Pulse:
    """Beats at most every ten seconds, however often it is asked to.

    A beat never raises: one that fails is left out, and the next one says the same.
    """

    def __init__(self, role: str) -> None:
        self.role = role
        self._due = 0.0
        self._lock = threading.Lock()

    def is_due(self) -> bool:
        """Whether to beat now; True for one caller only. Asks nobody."""
        with self._lock:
            now = time.monotonic()
            if now < self._due:
                return False
            self._due = now + EVERY_SECONDS
            return True

    def beat_if_due(self) -> None:
        if self.is_due():
            self.beat()

    def beat(self) -> None:
        try:
            beat(self.role)
        except DatabaseError as error:
            logger.warning("heartbeat of the release left out: %s", error)
            connection.close()
