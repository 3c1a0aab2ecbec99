"""Our way of putting a task into the queue leaves the row that Django's leaves."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks.exceptions import InvalidTaskError
from django_tasks_db.backend import DatabaseBackend
from django_tasks_db.compat import task_enqueued
from django_tasks_db.models import DBTaskResult

from bakery.jobs.queueing import QueueBackend
from tests.bakery.jobs import tasks

pytestmark = pytest.mark.django_db
LATER = timezone.now() + dt.timedelta(days=1)


def raw_row(pk) -> dict[str, str]:
    """Every column as the database itself has it."""
    (column,) = [f for f in DBTaskResult._meta.local_fields if f.primary_key]
    with connection.cursor() as cursor:
        key = column.get_db_prep_value(pk, connection)
        cursor.execute(
            "SELECT * FROM django_tasks_database_dbtaskresult WHERE id = %s", [key]
        )
        (row,) = cursor.fetchall()
        return dict(zip([name for name, *_ in cursor.description], row, strict=True))


@pytest.mark.parametrize(
    "task",
    [tasks.note, tasks.note.using(priority=7), tasks.note.using(run_after=LATER)],
    ids=["plain", "urgent", "later"],
)
def test_the_row_is_the_one_that_django_would_have_saved(task):
    given = (["/some/where"], {"kind": "caf\u00e9", "often": [1, None]})
    params = {"QUEUES": ["default"]}
    rows = []
    for kind in (DatabaseBackend, QueueBackend):
        result = kind("default", params).enqueue(task, *given)
        assert (result.args, result.kwargs) == given
        assert DBTaskResult.objects.get(pk=result.id).task_result.id == result.id
        rows.append(raw_row(result.db_result.pk))
    theirs, ours = rows
    own = {"id", "enqueued_at"}
    assert {name: ours[name] for name in ours if name not in own} == {
        name: theirs[name] for name in theirs if name not in own
    }
    assert type(ours["id"]) is type(theirs["id"])
    assert len(str(ours["enqueued_at"])) == len(str(theirs["enqueued_at"]))


def test_it_is_the_shop_s_queue_and_one_statement_that_is_always_the_same():
    assert type(tasks.note.get_backend()) is QueueBackend
    with CaptureQueriesContext(connection) as queries:
        tasks.note.enqueue("/some/where")
        tasks.note.enqueue("/else/where")
    assert len(queries) == 2
    assert all(q["sql"].startswith("/* prepared */") for q in queries)


def test_what_is_rolled_back_was_never_asked_for():
    with transaction.atomic():
        tasks.note.enqueue("/some/where")
        assert DBTaskResult.objects.exists()
        transaction.set_rollback(True)
    assert not DBTaskResult.objects.exists()


def test_it_is_told_like_any_other():
    told = []

    def heard(sender, task_result, **_):
        told.append((sender, task_result.id))

    task_enqueued.connect(heard)
    try:
        result = tasks.note.enqueue("/some/where")
    finally:
        task_enqueued.disconnect(heard)
    assert told == [(QueueBackend, result.id)]


def test_a_task_of_a_strange_queue_is_refused():
    other = QueueBackend("default", {"QUEUES": ["other"]})
    with pytest.raises(InvalidTaskError, match="default"):
        other.enqueue(tasks.note, ["/some/where"], {})
    assert not DBTaskResult.objects.exists()


def test_its_answer_is_what_the_row_says_of_itself():
    result = tasks.note.enqueue("/some/where")
    row = DBTaskResult.objects.get()
    own = row.task_result
    assert type(result) is type(own)
    names = [field.name for field in fields(own) if field.name != "db_result"]
    assert {n: getattr(result, n) for n in names} == {n: getattr(own, n) for n in names}
