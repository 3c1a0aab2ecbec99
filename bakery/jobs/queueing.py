"""Puts tasks into the database's queue, as django_tasks_db does, for less.

Every order puts one there, and Django's way to save its row took a seventh of the
whole last click.
"""

from __future__ import annotations

from typing import Any

from django_tasks_db.backend import DatabaseBackend, TaskResult
from django_tasks_db.compat import TaskResultStatus, normalize_json, task_enqueued
from django_tasks_db.models import DBTaskResult, get_date_max
from django_tasks_db.utils import normalize_uuid

from shop.inserting import insert


class QueueBackend(DatabaseBackend):
    """As its parent, with the same rows; its own are one plain statement each.

    It belongs to the transaction that is open: what is rolled back was never asked
    for.
    """

    def enqueue(self, task: Any, args: Any, kwargs: Any) -> TaskResult:
        self.validate_task(task)
        result = _result(task, self._task_to_db_task(task, args, kwargs))
        task_enqueued.send(type(self), task_result=result)
        return result

    def _task_to_db_task(self, task: Any, args: Any, kwargs: Any) -> DBTaskResult:
        row = DBTaskResult(
            id=self._get_id(),
            args_kwargs=normalize_json({"args": args, "kwargs": kwargs}),
            priority=task.priority,
            task_path=task.module_path,
            queue_name=task.queue_name,
            # What a signal handler does before Django saves one.
            run_after=task.run_after or get_date_max(),
            backend_name=self.alias,
        )
        insert([row])
        return row


def _result(task: Any, row: DBTaskResult) -> TaskResult:
    """As the row's own, which looks its task up, and checks it, again and again."""
    result = TaskResult(
        db_result=row,
        task=task,
        id=normalize_uuid(row.id),
        status=TaskResultStatus[row.status],
        enqueued_at=row.enqueued_at,
        started_at=None,
        last_attempted_at=None,
        finished_at=None,
        args=row.args_kwargs["args"],
        kwargs=row.args_kwargs["kwargs"],
        backend=row.backend_name,
        errors=[],
        worker_ids=row.worker_ids,
    )
    object.__setattr__(result, "_return_value", row.return_value)
    return result
