"""Regular jobs are done when they are due, by one server, whatever fails."""

from __future__ import annotations

import threading
from datetime import timedelta
from queue import SimpleQueue

import pytest
from django.db import connection
from django.utils import timezone

from bakery.jobs import heartbeats
from bakery.jobs.clock import Clock, Job, take_turn
from bakery.models import JobTurn

SERVERS = 8


def make_job(run=lambda: None, name="sweep the floor"):
    return Job(name, timedelta(hours=1), run)


def make_clock(*jobs):
    return Clock(jobs, SimpleQueue())


@pytest.mark.django_db
def test_a_new_job_is_done_at_once_and_then_waits_for_its_turn():
    done = []
    clock = make_clock(make_job(lambda: done.append(1)))
    clock.tick()
    clock.tick()
    assert len(done) == 1


@pytest.mark.django_db
def test_a_job_is_done_again_when_its_time_has_come():
    done = []
    clock = make_clock(make_job(lambda: done.append(1)))
    clock.tick()
    JobTurn.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    clock.tick()
    assert len(done) == 2


@pytest.mark.django_db(transaction=True)
def test_a_job_that_fails_stops_neither_the_others_nor_the_clock(caplog):
    done = []

    def fail():
        raise ValueError("no flour")

    clock = make_clock(
        make_job(fail, "broken"), make_job(lambda: done.append(1), "sound")
    )
    clock.tick()
    assert done == [1]
    assert "broken failed" in caplog.text
    assert "no flour" in caplog.text


@pytest.mark.django_db
def test_a_worker_known_to_be_gone_is_forgotten_at_the_next_tick():
    clock = make_clock()
    heartbeats.beat("w1")
    clock.gone.put("w1")
    clock.tick()
    assert heartbeats.alive() == set()


def race(take):
    """How many of the servers that ask at the same moment are told to do the job."""
    barrier = threading.Barrier(SERVERS)
    took = []

    def server():
        barrier.wait()
        took.append(take())
        connection.close()

    threads = [threading.Thread(target=server) for _ in range(SERVERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(took)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", range(3))
def test_one_of_many_servers_takes_the_turn(round_):
    assert race(lambda: take_turn(make_job())) == 1


@pytest.mark.django_db(transaction=True)
def test_control_looking_first_and_moving_later_lets_several_take_it():
    JobTurn.objects.create(name="sweep the floor", due_at=timezone.now())
    looked = threading.Barrier(SERVERS)

    def look_then_move():
        due = JobTurn.objects.filter(due_at__lte=timezone.now()).exists()
        looked.wait()
        JobTurn.objects.update(due_at=timezone.now() + timedelta(hours=1))
        return due

    assert race(look_then_move) == SERVERS
