"""A server under gunicorn with the shop's settings for it: the shop, or a floor."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bakery.servers.ports import free_port
from bakery.servers.process import Program
from bakery.servers.starting import started, wait_until_up
from settings.environment import VARIABLES
from tests.bench.load import ROOT, Load, send

WORKERS = "2"
SHOP = "gunicorn.conf.py"
FLOORS = "tests/bench/floors/gunicorn_conf.py"


class Served:
    """One that answers on a port; ends with the stack that it was given to."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.port = program.port
        self.pid = program.process.pid

    def load(self, visits: str, **arguments: Any) -> Load:
        """Raises LoadFailed when an answer is not as expected."""
        return send(visits, port=self.port, pid=self.pid, **arguments)


def clean_environment(**variables: str) -> dict[str, str]:
    """Ours, without the settings that the shop may have on this desk."""
    kept = {name: v for name, v in os.environ.items() if name not in VARIABLES}
    return kept | {"WEB_CONCURRENCY": WORKERS} | variables


def gunicorn(
    stack: ExitStack,
    name: str,
    application: str,
    config: str,
    folder: Path,
    environment: Mapping[str, str],
) -> Served:
    """Started, and it takes connections. Raises DidNotStart."""

    def make() -> Program:
        port = free_port()
        words = ("-m", "gunicorn", application, "--config", str(ROOT / config))
        return Program(
            name,
            [sys.executable, *words, "--bind", f"127.0.0.1:{port}"],
            port=port,
            log=folder / f"{name}.log",
            environment={**environment, "PORT": str(port)},
            folder=ROOT,
        )

    program = wait_until_up(started(make), make, seconds=60)
    stack.callback(program.stop)
    return Served(program)
