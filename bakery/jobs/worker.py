"""The process that runs tasks: the engine's worker with a heartbeat beside it."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import sys
import threading
from pathlib import Path
from queue import SimpleQueue

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError

from bakery import living
from bakery.jobs import heartbeats
from bakery.jobs.parent import stop_with_supervisor
from bakery.jobs.supervisor import Child


def run_worker(worker_id: str) -> None:
    """Run tasks in this process until a signal stops it; a running one is finished.

    The first heartbeat is written before the first task is taken, so that nobody
    takes a task from a worker they have not heard of yet.
    """
    stop_with_supervisor()
    heartbeats.beat(worker_id)
    pulse = living.Pulse(living.WORK)
    pulse.beat_if_due()
    stopped = threading.Event()
    threading.Thread(
        target=heartbeats.beat_until,
        args=(stopped, worker_id, pulse.beat_if_due),
        daemon=True,
    ).start()
    try:
        call_command(
            "db_worker", queue_name="*", worker_id=worker_id, reload=False, verbosity=0
        )
    finally:
        stopped.set()
        with contextlib.suppress(DatabaseError):
            heartbeats.forget(worker_id)
            living.forget(living.WORK)


def new_id() -> str:
    """For a worker started by this process; never given twice."""
    host = socket.gethostname()[:30]
    return f"{host}-{os.getpid()}-{secrets.token_hex(6)}"


class WorkerChild(Child):
    """A task worker under supervision, with a new id at each start."""

    def __init__(self, gone: SimpleQueue[str]) -> None:
        super().__init__(
            "task worker", self._command, at_first=self._run, ended=self._tell
        )
        self.gone = gone
        self.worker_id = new_id()

    def _run(self) -> None:
        run_worker(self.worker_id)

    def _command(self) -> list[str]:
        self.worker_id = new_id()
        manage = str(Path(settings.BASE_DIR, "manage.py"))
        # Its supervisor has looked through everything that `check` names.
        words = ("work", "--skip-checks", "--as", self.worker_id)
        return [sys.executable, manage, *words]

    def _tell(self) -> None:
        self.gone.put(self.worker_id)
