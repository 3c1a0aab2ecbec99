"""What the shop does by itself, done once by hand."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from bakery.jobs import regular
from bakery.jobs.clock import Job
from bakery.management.commands import sweep
from shop.models import BakeDay, Hold
from tests.bakery.jobs import tasks
from tests.shop import make

pytestmark = pytest.mark.django_db(transaction=True)


def run_sweep() -> dict[str, str]:
    said = io.StringIO()
    call_command("sweep", json=True, stdout=said)
    return json.loads(said.getvalue())


def finish(status: str, days_ago: int) -> None:
    result = tasks.note.enqueue("/nowhere")
    DBTaskResult.objects.filter(pk=result.id).update(
        status=status,
        worker_ids=[f"w{n}" for n in range(8)],
        finished_at=timezone.now() - timedelta(days=days_ago),
    )


def test_every_regular_job_runs_in_an_empty_shop():
    results = run_sweep()
    assert results.keys() >= {job.name for job in regular.JOBS}
    assert not [text for text in results.values() if "failed" in text]


def test_a_sweep_opens_days_and_gives_expired_holds_back():
    slot = make.make_slot()
    past = timezone.now() - timedelta(minutes=1)
    Hold.objects.create(
        basket_token="t", basket_version=1, slot=slot, network="home", expires_at=past
    )
    results = run_sweep()
    assert results["expired holds"] == "1"
    assert Hold.objects.count() == 0
    assert BakeDay.objects.count() > 10
    assert run_sweep()["expired holds"] == "0"


def test_done_tasks_are_forgotten_long_before_dead_letters():
    finish("SUCCESSFUL", 8)
    finish("SUCCESSFUL", 1)
    finish("FAILED", 89)
    finish("FAILED", 91)
    assert regular.forget_tasks() == 2
    assert DBTaskResult.objects.count() == 2


def test_a_job_that_fails_is_told_and_the_others_are_done(monkeypatch, caplog):
    done = []

    def fail():
        raise ValueError("no flour")

    jobs = [
        Job("broken", timedelta(hours=1), fail),
        Job("sound", timedelta(hours=1), lambda: done.append(1)),
    ]
    monkeypatch.setattr(sweep, "JOBS", jobs)
    with pytest.raises(CommandError, match="Failed: broken"):
        run_sweep()
    assert done == [1]
    assert "no flour" in caplog.text
