"""A load on a server: sent by another process, accounted to the server's own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.used import cpu_seconds

ROOT = Path(__file__).resolve().parents[2]
CONNECTIONS = 16


class LoadFailed(Exception):
    """The shoppers' process ended badly, or was answered what nobody expects."""


@dataclass(frozen=True)
class Load:
    """What came of it."""

    seconds: float
    cpu: float  # seconds, of the server
    backend_cpu: float  # seconds, of the database
    statuses: Counter[int]
    milliseconds: list[float] = field(repr=False)
    results: list[Any] = field(repr=False)

    @property
    def requests(self) -> int:
        return len(self.milliseconds)

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds

    @property
    def cpu_ms(self) -> float:
        """Milliseconds of processor time for each request."""
        return self.cpu * 1000 / self.requests

    def percentile(self, percent: float) -> float:
        """Milliseconds in which so many percent of the requests were answered."""
        taken = sorted(self.milliseconds)
        return taken[min(len(taken) - 1, int(len(taken) * percent / 100))]


def send(
    visits: str,
    *,
    port: int,
    pid: int,
    connections: int = CONNECTIONS,
    ahead: int = 1,
    expect: set[int] | None = None,
    backend: int | None = None,
    **arguments: Any,
) -> Load:
    """Send the visits ("module:function" and its arguments), and account for them.

    pid is the server's, backend that of a database whose work is to be known, too.
    Raises LoadFailed when an answer has another status than those expected.
    """
    work = {
        "visits": visits,
        "arguments": arguments,
        "port": port,
        "connections": connections,
        "ahead": ahead,
    }
    servers = [each for each in (pid, backend) if each]
    before = [cpu_seconds(each) for each in servers]
    answer = subprocess.run(
        [sys.executable, "-m", "tests.bench.client"],
        input=json.dumps(work),
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    after = [cpu_seconds(each) for each in servers]
    used = [now - then for now, then in zip(after, before, strict=True)]
    if answer.returncode:
        raise LoadFailed(f"{visits}: {answer.stderr[-2000:]}")
    found = json.loads(answer.stdout)
    statuses = Counter({int(key): n for key, n in found["statuses"].items()})
    if expect and set(statuses) - expect:
        raise LoadFailed(f"{visits} was answered {dict(statuses)}, not {expect}")
    return Load(
        found["seconds"],
        used[0],
        sum(used[1:]),
        statuses,
        found["milliseconds"],
        found["results"],
    )
