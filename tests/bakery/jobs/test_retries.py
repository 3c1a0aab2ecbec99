"""Tasks that did not end well come back, a bounded number of times."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from bakery.jobs import heartbeats, retries
from bakery.models import WorkerHeartbeat
from tests.bakery.jobs import tasks

pytestmark = pytest.mark.django_db


def make_task(status="RUNNING", *, attempts=1, worker="w1", finished_at=None):
    result = tasks.note.enqueue("/nowhere")
    DBTaskResult.objects.filter(pk=result.id).update(
        status=status,
        worker_ids=[f"old{n}" for n in range(attempts - 1)] + [worker],
        started_at=timezone.now(),
        finished_at=finished_at,
    )
    return DBTaskResult.objects.get(pk=result.id)


def run_worker(worker_id):
    call_command(
        "db_worker", batch=True, worker_id=worker_id, startup_delay=False,
        reload=False, verbosity=0, interval=0, queue_name="*",
    )  # fmt: skip


def test_a_task_of_a_dead_worker_is_ready_again():
    task = make_task()
    assert retries.return_tasks_of_dead_workers() == 1
    task.refresh_from_db()
    assert task.status == "READY"
    assert task.run_after <= timezone.now()
    assert task.worker_ids == ["w1"]


def test_a_task_of_a_living_worker_stays_with_it():
    task = make_task()
    heartbeats.beat("w1")
    assert retries.return_tasks_of_dead_workers() == 0
    task.refresh_from_db()
    assert task.status == "RUNNING"


def test_a_worker_that_fell_silent_is_dead():
    make_task()
    heartbeats.beat("w1")
    long_ago = timezone.now() - heartbeats.DEAD_AFTER - timedelta(seconds=1)
    WorkerHeartbeat.objects.update(seen_at=long_ago)
    assert retries.return_tasks_of_dead_workers() == 1
    assert heartbeats.forget_dead() == 1


def test_a_worker_beats_again_and_again_in_one_row():
    heartbeats.beat("w1")
    WorkerHeartbeat.objects.update(seen_at=timezone.now() - timedelta(days=1))
    assert heartbeats.alive() == set()
    heartbeats.beat("w1")
    assert heartbeats.alive() == {"w1"}
    heartbeats.forget("w1")
    assert heartbeats.alive() == set()


def test_a_later_attempt_by_somebody_else_is_not_taken_away():
    task = make_task()
    DBTaskResult.objects.update(
        started_at=timezone.now() + timedelta(seconds=1), worker_ids=["w1", "w2"]
    )
    assert retries._return(task) == 0
    assert DBTaskResult.objects.get().status == "RUNNING"


def test_a_task_that_kills_every_worker_becomes_a_dead_letter():
    task = make_task(attempts=retries.MAX_ATTEMPTS)
    assert retries.return_tasks_of_dead_workers() == 1
    task.refresh_from_db()
    assert task.status == "FAILED"
    assert task.traceback == "The worker died at each of 8 attempts."
    assert list(retries.dead_letters()) == [task]


def test_a_failed_task_is_tried_again_after_a_growing_pause():
    finished = timezone.now()
    task = make_task("FAILED", attempts=3, finished_at=finished)
    assert retries.retry_failed() == 1
    task.refresh_from_db()
    assert task.status == "READY"
    assert task.run_after == finished + timedelta(seconds=160)
    assert retries.retry_failed() == 0


def test_the_pauses_grow_up_to_six_hours():
    pauses = [retries.pause_after(n).total_seconds() for n in range(1, 8)]
    assert pauses == [10, 40, 160, 640, 2560, 10240, 21600]
    assert retries.pause_after(30) == timedelta(hours=6)


@pytest.mark.django_db(transaction=True)  # the worker closes its connection
def test_a_task_that_always_fails_ends_as_a_dead_letter_after_eight_attempts():
    result = tasks.fail.enqueue()
    for attempt in range(12):
        run_worker(f"w{attempt}")
        retries.retry_failed()
        DBTaskResult.objects.filter(status="READY").update(run_after=timezone.now())
    task = DBTaskResult.objects.get(pk=result.id)
    assert task.status == "FAILED"
    assert len(task.worker_ids) == retries.MAX_ATTEMPTS
    assert "this oven is cold" in task.traceback
    assert list(retries.dead_letters()) == [task]


def test_a_person_can_send_a_dead_letter_back():
    dead = make_task("FAILED", attempts=8, finished_at=timezone.now())
    waiting = make_task("FAILED", attempts=2, finished_at=timezone.now())
    assert retries.try_again([dead.pk, waiting.pk]) == 1
    dead.refresh_from_db()
    assert dead.status == "READY"
    assert dead.worker_ids == []
    assert retries.dead_letters().count() == 0


def test_a_task_rolled_back_with_its_order_never_was():
    """The engine's rows are the outbox: they stand and fall with the transaction."""
    with transaction.atomic():
        tasks.note.enqueue("/nowhere")
        transaction.set_rollback(True)
    assert DBTaskResult.objects.count() == 0
