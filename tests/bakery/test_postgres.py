"""The throw-away PostgreSQL leaves nothing behind, however its starter ends."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import ROOT, wait_until

STARTER = """
import sys
from bakery.servers.postgres import Postgres
server = Postgres().start()
print(server.port, server.home, flush=True)
sys.stdin.read()
server.stop()
"""


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("end", ["politely", "killed"])
def test_nothing_is_left_when_its_starter_ends(end):
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with starter:
        port, home = starter.stdout.readline().split()
        assert answers(int(port))
        assert Path(home).exists()
        if end == "killed":
            starter.kill()
    assert wait_until(lambda: not answers(int(port)))
    assert wait_until(lambda: not Path(home).exists())
