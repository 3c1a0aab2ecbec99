"""`manage.py work` as real processes: it goes on whatever happens to its worker."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from tests.processes import family_of, gone, wait_until

pytestmark = pytest.mark.slow

DONE = "SUCCESSFUL"


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def enqueue(machine, task, path):
    machine.manage(
        "shell", "--no-imports", "--command",
        f"from tests.bakery.jobs import tasks; tasks.{task}.enqueue({str(path)!r})",
    )  # fmt: skip


def test_a_task_whose_worker_is_killed_is_run_again_by_another(machine, tmp_path):
    enqueue(machine, "hang_the_first_time", tmp_path / "pids")
    machine.start("work")
    assert wait_until(lambda: lines(tmp_path / "pids")), machine.log
    os.kill(int(lines(tmp_path / "pids")[0]), signal.SIGKILL)
    assert wait_until(lambda: len(lines(tmp_path / "pids")) == 2), machine.log
    first, second = lines(tmp_path / "pids")
    assert first != second


def statuses(database: sqlite3.Connection) -> list[str]:
    rows = database.execute("SELECT status FROM django_tasks_database_dbtaskresult")
    return [status for (status,) in rows]


def test_a_write_lock_held_past_the_time_out_stops_nothing(machine, tmp_path):
    work = machine.start("work")
    assert wait_until(lambda: family_of(work))
    other = sqlite3.connect(tmp_path / "bakery.sqlite3", isolation_level=None)
    enqueue(machine, "note", tmp_path / "before")
    # Its end is noted after its line: without it the task would rightly run again.
    assert wait_until(lambda: DONE in statuses(other)), machine.log
    other.execute("BEGIN IMMEDIATE")
    assert wait_until(lambda: "task worker ended" in machine.log), machine.log
    time.sleep(3)  # the lock is kept beyond the time-outs of everybody who waits
    other.execute("ROLLBACK")
    other.close()
    enqueue(machine, "note", tmp_path / "after")
    assert wait_until(lambda: lines(tmp_path / "after"), 60), machine.log
    assert lines(tmp_path / "before") == ["ran"]
    assert lines(tmp_path / "after") == ["ran"]
    assert work.poll() is None


def test_it_finishes_the_running_task_and_leaves_no_process_behind(machine, tmp_path):
    work = machine.start("work")
    enqueue(machine, "take_two_seconds", tmp_path / "noted")
    assert wait_until(lambda: lines(tmp_path / "noted")), machine.log
    family = family_of(work)
    work.send_signal(signal.SIGTERM)
    assert work.wait(15) == 0
    assert gone(family)
    assert lines(tmp_path / "noted") == ["began", "ended"]


def test_nothing_outlives_a_supervisor_that_is_killed(machine):
    work = machine.start("work")
    assert wait_until(lambda: family_of(work))
    family = family_of(work)
    time.sleep(2)  # until the worker has asked to be stopped with its supervisor
    work.kill()
    work.wait()
    assert wait_until(lambda: gone(family)), machine.log
