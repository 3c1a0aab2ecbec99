"""Does the regular jobs beside the workers, in a thread of its own.

Every server runs a clock. Jobs that watch over tasks run on each of them, every few
seconds, and change rows only conditionally. The others run on one server at a time:
the one that moves the row of the job's turn on.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from queue import Empty, SimpleQueue
from typing import NamedTuple

from django.db import DatabaseError, connection
from django.db.models.functions import Now

from bakery.jobs import heartbeats, retries
from bakery.models import JobTurn

logger = logging.getLogger(__name__)

TICK_SECONDS = 3.0


class Job(NamedTuple):
    name: str
    every: timedelta
    run: Callable[[], object]


class Clock:
    """Wakes every few seconds and does what is due, until it is stopped.

    A job that fails is logged and done again at its next turn; it never stops the
    clock. `gone` brings the ids of workers that have just died on this machine.
    """

    def __init__(self, jobs: Sequence[Job], gone: SimpleQueue[str]) -> None:
        self.jobs = {job.name: job for job in jobs}
        self.gone = gone
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self._run, name="clock", daemon=True)

    def start(self) -> None:
        self.thread.start()

    def stop(self, seconds: float = 5) -> None:
        """Stop after the job that is running now, or after so many seconds."""
        self.stopped.set()
        self.thread.join(seconds)

    def _run(self) -> None:
        while not self.stopped.wait(TICK_SECONDS):
            self.tick()
        connection.close()

    def tick(self) -> None:
        """Look after the tasks, then do each job whose turn it is."""
        attempt("dead workers", self._forget_gone)
        attempt("returned tasks", retries.return_tasks_of_dead_workers)
        attempt("retries", retries.retry_failed)
        attempt("regular jobs", self._take_turns)

    def _forget_gone(self) -> None:
        while True:
            try:
                worker_id = self.gone.get_nowait()
            except Empty:
                return
            try:
                heartbeats.forget(worker_id)
            except DatabaseError:
                self.gone.put(worker_id)
                raise

    def _take_turns(self) -> None:
        for name in due_turns(self.jobs):
            if take_turn(self.jobs[name]):
                attempt(name, self.jobs[name].run)


def due_turns(names: Sequence[str]) -> list[str]:
    """Which of these jobs are due now; those never done before are. One query."""
    later = JobTurn.objects.filter(due_at__gt=Now()).values_list("name", flat=True)
    waiting = set(later)
    return [name for name in names if name not in waiting]


def take_turn(job: Job) -> bool:
    """Whether this server does the job now: only one of them all gets True."""
    new = JobTurn(name=job.name, due_at=Now())
    JobTurn.objects.bulk_create([new], ignore_conflicts=True)
    mine = JobTurn.objects.filter(name=job.name, due_at__lte=Now())
    return mine.update(due_at=Now() + job.every) == 1


def attempt(name: str, run: Callable[[], object]) -> object:
    """Run one step; an error is logged, and the connection is opened anew."""
    try:
        return run()
    except DatabaseError as error:
        logger.warning("%s: the database did not answer: %s", name, error)
    except Exception:
        logger.exception("%s failed", name)
    connection.close()
    return None
