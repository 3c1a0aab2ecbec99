"""Whatever a switch is cut off by, the next one, or the next boot, finds the way."""

from __future__ import annotations

import json
import uuid

import pytest

from tests.bakery.host.machine import QUICK, Host
from tests.bakery.host.steps import heard, steps
from tests.processes import wait_until

pytestmark = [pytest.mark.hosts, pytest.mark.usefixtures("runit", "built_before")]
STEPS = ["stopped", "draining", "drained", "current", "started"]


def kill_switch(host: Host, to: str, at: str) -> None:
    """Begin to switch, and end it in the midst of it, with no chance to tidy up."""
    process = host.agent("switch", to, *QUICK)
    heard(process, at)
    [inside] = host.running("--here")
    inside.kill()
    assert process.wait() != 0


@pytest.mark.parametrize("at", STEPS)
def test_a_switch_that_was_killed_is_finished_by_the_next(host, small, at):
    oldest, first, second = small("oldest"), small("good"), small("better")
    host.set_up(oldest, first, second)
    host.switch(oldest)
    host.switch(first)
    kill_switch(host, second.id, at)
    assert host.switch(second)[0] == 0
    assert host.serves(second)
    state = host.state
    assert (state["previous"], state["draining"]) == (first.id, False)
    assert not host.base.joinpath("var/switching").exists()


def test_a_switch_that_was_killed_is_undone_by_going_back(host, small):
    oldest, first, second = small("oldest"), small("good"), small("better")
    host.set_up(oldest, first, second)
    host.switch(oldest)
    host.switch(first)
    kill_switch(host, second.id, "started")
    assert host.switch(first)[0] == 0
    assert host.serves(first)
    assert host.state["previous"] == oldest.id


def test_a_bad_release_goes_back_also_the_second_time(host, small):
    """Its first time was cut off when `current` named it already."""
    good, bad = small("good"), small("does not boot")
    host.set_up(good, bad)
    host.switch(good)
    kill_switch(host, bad.id, "started")
    code, said = host.switch(bad, "--ready", "1")
    assert (code, steps(said)[-1]) == (3, "went back"), said
    assert host.serves(good)
    assert host.state["previous"] == ""


@pytest.mark.parametrize("at", ["drained", "current"])
def test_a_host_that_lost_its_power_serves_when_it_is_back(host, small, at):
    """What it has; nobody needs to come and start it, or to let customers in."""
    first, second = small("good"), small("better")
    host.set_up(first, second)
    host.switch(first)
    process = host.agent("switch", second.id, *QUICK)
    heard(process, at)
    host.cut_the_power()
    host.start_runit()
    now = second if at == "current" else first
    assert wait_until(lambda: host.serves(now), 20)
    assert wait_until(lambda: host.state["services"]["work"])
    assert not host.state["draining"]


def test_the_same_switch_is_not_done_twice(host, small):
    """Who lost the connection asks again, and hears how it ended."""
    good, bad = small("good"), small("does not boot")
    host.set_up(good, bad)
    host.switch(good)
    token = uuid.uuid4().hex
    assert host.switch(bad, "--ready", "1", "--once", token)[0] == 3
    before = host.state["services"]
    code, said = host.switch(bad, "--ready", "1", "--once", token)
    assert (code, steps(said)) == (3, ["has ended before"])
    assert host.state["services"] == before
    path = host.base / "log/switch" / f"{token}.code"
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("3\n", 0o600)
    assert host.switch(bad, "--ready", "1", "--once", uuid.uuid4().hex)[0] == 3
    assert host.state["services"] != before


def test_who_asks_again_waits_for_the_end(host, small):
    first, second = small("good"), small("better")
    host.set_up(first, second)
    host.switch(first)
    once = ("--once", uuid.uuid4().hex)
    lost = host.agent("switch", second.id, *QUICK, *once)
    heard(lost, "draining")
    lost.kill()
    code, said = host.switch(second, *once)
    assert (code, steps(said)) == (0, ["has ended before"])
    assert host.serves(second)


def test_a_token_is_no_path(host, small):
    release = small("good")
    host.set_up(release)
    process = host.agent("switch", release.id, "--once", "../../shared/environment")
    assert "32 hex digits" in process.communicate()[1]
    assert process.returncode == 2


def test_nobody_else_reads_what_a_switch_has_said(host, small):
    release = small("good")
    host.set_up(release)
    host.switch(release)
    files = list(host.base.joinpath("log/switch").iterdir())
    assert [path.stat().st_mode & 0o777 for path in files] == [0o600]
    said = [json.loads(line) for line in files[0].read_text().splitlines()]
    assert steps(said)[-1] == "runs"
