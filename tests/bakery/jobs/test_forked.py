"""A child that goes on from what its parent has loaded, as real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from bakery.jobs.forked import Forked
from bakery.jobs.supervisor import Child
from tests.processes import ROOT


@pytest.fixture
def forked():
    """Starts one; none is left at the end."""
    started = []

    def fork(run, **environment) -> Forked:
        started.append(Forked(run, environment))
        return started[-1]

    yield fork
    for each in started:
        if each.poll() is None:
            os.killpg(each.pid, signal.SIGKILL)
            each.wait()


def sleep() -> None:
    time.sleep(60)


def test_it_knows_what_is_loaded_and_is_told_the_rest(forked, tmp_path):
    def write() -> None:
        words = [os.environ["SAID"], str(os.getsid(0) == os.getpid()), sys.stdin.read()]
        (tmp_path / "words").write_text(" ".join(words))

    assert forked(write, SAID="hello").wait(20) == 0
    assert (tmp_path / "words").read_text() == "hello True "
    assert "SAID" not in os.environ


def test_its_end_is_told_as_that_of_a_program(forked):
    assert forked(lambda: sys.exit(3)).wait(20) == 3
    asleep = forked(sleep)
    assert asleep.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        asleep.wait(0.1)
    asleep.terminate()
    assert asleep.wait(20) == -signal.SIGTERM
    assert asleep.poll() == asleep.returncode == -signal.SIGTERM


def test_its_parents_answer_to_a_signal_is_not_its_own(forked):
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        asleep = forked(sleep)
    finally:
        signal.signal(signal.SIGTERM, before)
    asleep.terminate()
    assert asleep.wait(20) == -signal.SIGTERM


def test_its_session_is_there_before_anybody_can_name_it(forked):
    asleep = forked(sleep)
    os.killpg(asleep.pid, signal.SIGKILL)
    assert asleep.wait(20) == -signal.SIGKILL


def alone(program: str, *words: str) -> str:
    """What a process of one thread says that runs this; pytest's own may have more."""
    told = [sys.executable, "-c", program, *words]
    done = subprocess.run(told, capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout


FIRST_AND_SECOND = """
import pathlib, sys, time
from bakery.jobs.supervisor import Child

note = pathlib.Path(sys.argv[1])
child = Child(
    "noting",
    lambda: ["sh", "-c", f"echo program >> {note}"],
    at_first=lambda: note.write_text("forked "),
)
while not (note.exists() and note.read_text().endswith("program\\n")):
    child.tend()
    time.sleep(0.02)
child.kill()
"""


def test_only_the_first_child_is_forked(tmp_path):
    """By its restart the supervisor has threads, with which nobody may fork."""
    note = tmp_path / "note"
    alone(FIRST_AND_SECOND, str(note))
    assert note.read_text() == "forked program\n"


def test_beside_a_thread_even_the_first_is_a_program(tmp_path):
    note = tmp_path / "note"
    child = Child(
        "noting",
        lambda: ["sh", "-c", f"echo program > {note}"],
        at_first=lambda: note.write_text("forked\n"),
    )
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    thread.start()
    try:
        child.tend()
        assert child.wait(20)
    finally:
        over.set()
        thread.join()
        child.kill()
    assert note.read_text() == "program\n"


THREADS_AFTERWARDS = """
import signal, time
from bakery.jobs.supervisor import Child, Supervisor

child = Child("asleep", list, at_first=lambda: time.sleep(60))
supervisor = Supervisor(
    [child],
    once_started=lambda: print("threads beside", child.process.pid),
    each_tick=lambda: supervisor._stop(signal.SIGTERM, None),
)
supervisor.run()
print("ended", child.process.pid, child.process.returncode)
"""


def test_threads_begin_after_the_children():
    _, _, pid, ended, same, code = alone(THREADS_AFTERWARDS).split()
    assert (ended, same, code) == ("ended", pid, str(-signal.SIGTERM))
