"""Tasks that did not end well: who runs them again, when, and how often.

The engine (django-tasks-db) runs a task once. A task whose worker died stays RUNNING
for ever there, a task that raised stays FAILED. Here both come back, with growing
pauses, until the attempts are used up; what is FAILED after that is a dead letter and
waits for a person. Every change is conditional, so any number of servers may do this
at the same time, and nothing here runs a task: the workers do.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django_tasks_db.compat import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from bakery.jobs import heartbeats

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=6)
WORKER_DIED = "bakery.jobs.retries.WorkerDied"


def pause_after(attempts: int) -> timedelta:
    """How long a task rests after so many attempts: 10 s, 40 s, 160 s, ... 6 hours.

    All eight attempts together outlast a mail server that is away for nine hours.
    """
    grown = FIRST_PAUSE.total_seconds() * 4 ** (attempts - 1)
    return timedelta(seconds=min(grown, LONGEST_PAUSE.total_seconds()))


def dead_letters() -> QuerySet[DBTaskResult]:
    """Tasks that failed at every attempt."""
    last = f"worker_ids__{MAX_ATTEMPTS - 1}__isnull"
    return DBTaskResult.objects.failed().filter(**{last: False})


def retry_failed() -> int:
    """Put failed tasks that have attempts left back into the queue; how many."""
    last = f"worker_ids__{MAX_ATTEMPTS - 1}__isnull"
    failed = DBTaskResult.objects.failed().filter(**{last: True})
    return sum(_retry(task) for task in failed)


def _retry(task: DBTaskResult) -> int:
    attempts = len(task.worker_ids)
    run_after = (task.finished_at or timezone.now()) + pause_after(attempts)
    changed = DBTaskResult.objects.filter(
        pk=task.pk, status=TaskResultStatus.FAILED, finished_at=task.finished_at
    ).update(status=TaskResultStatus.READY, finished_at=None, run_after=run_after)
    if changed:
        logger.warning(
            "task failed, will be tried again task=%s name=%s attempt=%s after=%s",
            task.pk, task.task_path, attempts, run_after.isoformat(),
        )  # fmt: skip
    return changed


def return_tasks_of_dead_workers() -> int:
    """Put the tasks of workers that are gone back into the queue; how many.

    A task that has killed its worker at every attempt becomes a dead letter. The
    running tasks are read before the living workers, so a worker that starts between
    the two reads is not taken for dead.
    """
    running = list(DBTaskResult.objects.running())
    if not running:
        return 0
    alive = heartbeats.alive()
    orphans = [task for task in running if not alive & set(task.worker_ids[-1:])]
    return sum(_return(task) for task in orphans)


def _return(task: DBTaskResult) -> int:
    attempts = len(task.worker_ids)
    if attempts < MAX_ATTEMPTS:
        change = {"status": TaskResultStatus.READY, "run_after": timezone.now()}
    else:
        change = {
            "status": TaskResultStatus.FAILED,
            "finished_at": timezone.now(),
            "exception_class_path": WORKER_DIED,
            "traceback": f"The worker died at each of {attempts} attempts.",
        }
    # started_at changes with every attempt: nobody's later attempt is taken away.
    changed = DBTaskResult.objects.filter(
        pk=task.pk, status=TaskResultStatus.RUNNING, started_at=task.started_at
    ).update(**change)
    if changed:
        logger.warning(
            "worker died, task %s task=%s name=%s attempt=%s",
            change["status"].lower(), task.pk, task.task_path, attempts,
        )  # fmt: skip
    return changed


def try_again(task_ids: list[UUID]) -> int:
    """A person sends dead letters back: attempts start anew. How many went back."""
    dead = dead_letters().filter(pk__in=task_ids)
    return dead.update(
        status=TaskResultStatus.READY,
        worker_ids=[],
        finished_at=None,
        run_after=timezone.now(),
    )
