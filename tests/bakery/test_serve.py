"""`manage.py serve` as real processes: one start, one stop, nothing left behind."""

from __future__ import annotations

import signal
import socket

import psutil
import pytest

from tests.processes import family_of, gone, wait_until

pytestmark = pytest.mark.slow


def web_server(family: list[psutil.Process]) -> psutil.Process:
    """The one that has started processes itself."""
    return next(member for member in family if member.children())


def test_it_says_where_the_shop_is_and_stops_cleanly(machine):
    serve = machine.start("serve")
    assert wait_until(machine.answers), machine.log
    assert wait_until(lambda: f"The shop    {machine.url}/" in machine.log)
    assert f"The staff   {machine.url}/staff/" in machine.log
    family = family_of(serve)
    serve.send_signal(signal.SIGINT)
    assert serve.wait(20) == 0
    assert gone(family)
    assert not machine.answers()


def test_a_web_server_that_dies_is_started_again(machine):
    serve = machine.start("serve")
    assert wait_until(machine.answers), machine.log
    old = web_server(family_of(serve))
    old_family = [old, *old.children()]
    old.kill()
    assert wait_until(lambda: gone(old_family))
    assert wait_until(machine.answers), machine.log


def test_nothing_outlives_a_serve_that_is_killed(machine):
    serve = machine.start("serve")
    assert wait_until(machine.answers), machine.log
    family = family_of(serve)
    serve.kill()
    serve.wait()
    assert wait_until(lambda: gone(family)), machine.log


def test_a_taken_port_is_said_in_a_sentence(machine):
    with socket.socket() as other:
        other.bind(("127.0.0.1", machine.port))
        other.listen()
        answer = machine.manage("serve", check=False)
    assert answer.returncode == 1
    assert f"Port {machine.port} is taken by another program." in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_server_without_its_migrations_says_so_and_takes_no_customers(machine):
    (machine.folder / "bakery.sqlite3").unlink()
    machine.start("serve", "--web-only")
    assert wait_until(machine.answers), machine.log
    assert "migrations are missing, /ready answers 503" in machine.log
    assert not machine.answers("/ready")
    assert machine.manage("safemigrate").returncode == 0
    assert wait_until(lambda: machine.answers("/ready"))


def test_a_drain_belongs_to_the_running_server(machine):
    """What was left by a former one is gone when it starts."""
    machine.environment["CLONE_ID"] = "clone-7"
    flag = machine.folder / "drain.clone-7"
    flag.touch()
    machine.start("serve", "--web-only")
    assert wait_until(lambda: machine.answers("/ready")), machine.log
    flag.touch()
    assert not machine.answers("/ready")
    assert machine.answers("/up")
    flag.unlink()
    assert machine.answers("/ready")
