"""One deploy at a time: a lock that goes with who holds it."""

from __future__ import annotations

import getpass
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bakery.deploy import agent
from bakery.deploy.connection import HostAway
from bakery.deploy.lock import LockLost, LockTaken, hold
from tests.processes import wait_until

HOLDER = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "settings.test"
import django
django.setup()
from dataclasses import replace
from pathlib import Path
from bakery.deploy.connection import remotes_of
from bakery.deploy.fleet_file import parse_fleet
from bakery.deploy.lock import hold
fleet = parse_fleet(Path(sys.argv[1]).read_text())
remote = remotes_of(replace(fleet, path=sys.argv[2]))["app1"]
with hold(remote, "0123456789abcdef"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def host(app1):
    agent.put_agent(app1)
    return app1


def test_the_second_one_is_told_whose_it_is_for_what_and_since_when(host, make_remotes):
    with hold(host, "0123456789abcdef") as held:
        held.demand()
        with pytest.raises(LockTaken) as taken, hold(make_remotes()["app1"], "f" * 16):
            pytest.fail("both hold it")
    words = str(taken.value)
    assert f"{getpass.getuser()}@" in words
    assert "0123456789abcdef" in words
    assert "UTC (0 min)" in words


def test_it_is_free_when_the_first_one_has_ended(host):
    for _ in range(2):
        with hold(host, "0123456789abcdef"):
            assert agent.state(host)["lock"]["release"] == "0123456789abcdef"
        assert wait_until(lambda: agent.state(host)["lock"] == {}, 5)


def test_each_fleet_has_its_own(remotes):
    for remote in remotes.values():
        agent.put_agent(remote)
    with hold(remotes["app1"], "a" * 16), hold(remotes["app2"], "b" * 16) as held:
        held.demand()


def test_it_outlives_the_connection_that_commands_go_over(host):
    with hold(host, "0123456789abcdef") as held:
        with pytest.raises(HostAway, match="no end of"):
            host.look("sleep", "60", seconds=1)
        assert agent.state(host)["lock"]["release"] == "0123456789abcdef"
        held.demand()


def test_a_holder_that_is_killed_leaves_nothing_behind(host, tmp_path):
    file = tmp_path / "fleet.toml"
    file.write_text(host.fleet.text)
    holding = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(file), str(host.base)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[3],
    )
    try:
        assert holding.stdout.readline() == "held\n"
        assert agent.state(host)["lock"]["release"] == "0123456789abcdef"
        with pytest.raises(LockTaken), hold(host, "f" * 16):
            pytest.fail("both hold it")
    finally:
        os.kill(holding.pid, signal.SIGKILL)
        holding.communicate()
    assert wait_until(lambda: agent.state(host)["lock"] == {}, 10)
    with hold(host, "f" * 16) as held:
        held.demand()


def test_whoever_has_lost_it_goes_no_further(host, monkeypatch):
    monkeypatch.setattr("bakery.deploy.lock.WORD_SECONDS", 0.1)
    with hold(host, "0123456789abcdef") as held:
        holder = f"pgrep -f 'hold --owner .* --base {host.base}$'"
        host.look_line(f"kill -9 $({holder} | grep -v $$)")
        assert held.lost.wait(10)
        with pytest.raises(LockLost, match="app1, which keeps the fleet's lock"):
            held.demand()
