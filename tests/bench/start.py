"""From `serve` to /ready, beside stock Django under the same gunicorn."""

from __future__ import annotations

import http.client
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack

from bakery.servers.ports import free_port
from bakery.servers.process import DidNotStart, Program
from tests.bench.load import ROOT
from tests.bench.row import Row, Target, beside
from tests.bench.stage import Stage
from tests.bench.turns import by_turns

READY = Target("ours", most=3)
PATIENCE = 60  # seconds


def measure(stage: Stage) -> list[Row]:
    """Nothing is warm but the disk."""
    home = stage.home

    def floor() -> float:
        with ExitStack() as stack:
            began = time.monotonic()
            server = stage.floor("bare_django", home, "default", stack)
            return until_200(server.port, "/", began, lambda: True)

    pairs = by_turns(stage.rounds, lambda: _serve(stage), floor)
    ours, floors = map(list, zip(*pairs, strict=True))
    note = "floor: stock Django under gunicorn"
    return [beside("start of `serve` to /ready", ours, floors, "s", READY, note)]


def _serve(stage: Stage) -> float:
    port = free_port()
    program = Program(
        "serve",
        [sys.executable, "manage.py", "serve"],
        port=port,
        log=stage.folder / "serve.log",
        environment=stage.prepared | {"PORT": str(port)},
        folder=ROOT,
    )
    began = time.monotonic()
    program.start()
    try:
        return until_200(port, "/ready", began, lambda: program.runs)
    finally:
        program.stop(30)


def until_200(port: int, path: str, began: float, runs: Callable[[], bool]) -> float:
    """Seconds since then. Raises DidNotStart."""
    while time.monotonic() - began < PATIENCE and runs():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return time.monotonic() - began
        except OSError:
            time.sleep(0.01)
        finally:
            connection.close()
    raise DidNotStart(f"Nothing answers {path} with 200.")
