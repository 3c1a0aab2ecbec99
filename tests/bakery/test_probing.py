"""Health is answered while every thread waits."""

from __future__ import annotations

import os
import socket
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator

import pytest

from bakery.probing import is_question
from bakery.servers.ports import free_port
from bakery.servers.process import Program
from tests.processes import ROOT, wait_until

Start = Callable[[str], Program]


@pytest.fixture
def start(tmp_path) -> Iterator[Start]:
    """Starts gunicorn with this kind of worker and one thread for customers."""
    programs = []

    def start(kind: str) -> Program:
        port = free_port()
        words = [
            *(sys.executable, "-m", "gunicorn", "tests.bakery.busy"),
            *("--config", "/dev/null", "--no-control-socket"),
            *("--worker-class", kind, "--threads", "1"),
            *("--bind", f"127.0.0.1:{port}", "--chdir", str(ROOT)),
        ]
        until = {"UNTIL": str(tmp_path / "go-on")}
        program = Program(
            "gunicorn",
            words,
            port=port,
            log=tmp_path / "log",
            environment=os.environ | until,
        )
        programs.append(program)
        program.start()
        program.wait_until_up()
        return program

    yield start
    (tmp_path / "go-on").touch()
    for program in programs:
        program.stop()


def get(port: int, path: str, seconds: float) -> str:
    try:
        url = f"http://127.0.0.1:{port}{path}"
        with urllib.request.urlopen(url, timeout=seconds) as answer:
            return answer.read().decode()
    except (TimeoutError, urllib.error.URLError):
        return "no answer"


@pytest.mark.parametrize(
    ("kind", "answer"),
    [("bakery.probing.ProbedWorker", "ok"), ("gthread", "no answer")],
    ids=["ours", "control"],
)
def test_health_is_answered_while_all_threads_are_busy(start, tmp_path, kind, answer):
    port = start(kind).port
    assert get(port, "/", 10) == "ok"
    told: list[str] = []
    customers = [
        threading.Thread(target=lambda: told.append(get(port, "/wait", 30)))
        for _ in range(3)
    ]
    for each in customers:
        each.start()
    assert wait_until(lambda: get(port, "/", 0.3) == "no answer")
    assert {get(port, path, 1) for path in ("/ready?x", "/up")} == {answer}
    (tmp_path / "go-on").touch()
    for each in customers:
        each.join()
    assert told == ["ok"] * 3


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (b"GET /ready HTTP/1.1\r\n", True),
        (b"GET /basket/ HTTP/1.1\r\n", False),
        (b"POST /ready HTTP/1.1\r\n", False),
        (b"", False),
    ],
)
def test_the_first_words_tell_and_stay_to_be_read(words, expected):
    asker, answerer = socket.socketpair()
    with asker, answerer:
        asker.sendall(words)
        assert is_question(answerer) is expected
        if words:
            assert answerer.recv(100) == words
