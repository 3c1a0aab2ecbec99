"""A host changes its release: nobody is cut off, and it never stays half-way."""

from __future__ import annotations

import json
import signal

import pytest

from tests.bakery.host.machine import QUICK
from tests.bakery.host.steps import heard, steps
from tests.processes import wait_until

pytestmark = [pytest.mark.hosts, pytest.mark.usefixtures("runit", "built_before")]

# Another host is the one that answers shoppers.
ELSEWHERE = '[hosts.app2]\naddress = "127.0.0.2"\nroles = ["web"]\n'


def test_a_host_takes_its_first_release(host, small):
    release = small("good")
    host.set_up(release)
    code, said = host.switch(release)
    assert (code, steps(said)[-2:]) == (0, ["ready", "runs"])
    assert host.serves(release)
    state = host.state
    assert (state["current"], state["previous"]) == (release.id, "")
    assert all(state["services"].values())
    assert (state["draining"], state["ready"]["code"]) == (False, 200)


def test_a_host_drains_stops_renames_starts_and_is_ready(host, small):
    first, second = small("good"), small("better")
    host.set_up(first, second)
    host.switch(first)
    code, said = host.switch(second)
    assert (code, steps(said)) == (
        0,
        ["stopped", "draining", "drained", "stopped", "current", "started", "started",
         "up", "ready", "runs"],
    )  # fmt: skip
    # Shoppers come last: a worker takes its time.
    assert [line["role"] for line in said if line["step"] == "stopped"] == [
        "work", "web",
    ]  # fmt: skip
    assert said[2]["requests_left"] == 0
    assert host.serves(second)
    state = host.state
    assert (state["current"], state["previous"]) == (second.id, first.id)


def test_the_same_release_again_is_no_work(host, small):
    release = small("good")
    host.set_up(release)
    host.switch(release)
    before = host.state["services"]
    code, said = host.switch(release)
    assert (code, steps(said)) == (0, ["ready", "serves already"])
    assert host.state["services"] == before


def test_a_request_that_was_begun_is_answered(host, small):
    """Control: without the wait the same request is cut off."""
    first, second = small("good"), small("better")
    host.set_up(first, second)
    host.switch(first)
    host.begin_slow_request()
    switching = host.agent("switch", second.id, *QUICK)
    heard(switching, "draining")
    host.enough()
    assert heard(switching, "drained")["requests_left"] == 0
    assert switching.wait() == 0
    host.asked.join()
    host.begin_slow_request()
    code, said = host.switch(first, "--drain", "0")
    [drained] = [line for line in said if line["step"] == "drained"]
    assert (code, drained["requests_left"]) == (0, 1)
    host.asked.join()
    assert host.answers == [(200, first.id, f"slowly {first.id}"), (0, "", "")]


def test_a_release_that_is_not_here_changes_nothing(host, small):
    good = small("good")
    host.set_up(good)
    host.switch(good)
    before = host.state["services"]
    code, said = host.switch(small("better"))
    assert (code, "Install it first" in said[-1]["error"]) == (1, True)
    assert host.state["services"] == before
    assert host.serves(good)


def test_a_switch_goes_on_when_the_connection_dies(host, small):
    first, second = small("good"), small("better")
    host.set_up(first, second)
    host.switch(first)
    process = host.agent("switch", second.id, *QUICK)
    heard(process, "draining")
    process.stdout.close()
    process.send_signal(signal.SIGKILL)
    assert wait_until(lambda: host.serves(second))
    assert wait_until(lambda: host.state["services"]["work"])
    assert not host.state["draining"]


def test_who_switches_second_waits_for_the_first(host, small):
    first, second = small("good"), small("better")
    host.set_up(first, second)
    host.switch(first)
    before = host.agent("switch", second.id, *QUICK)
    heard(before, "draining")
    code, said = host.switch(first)
    before.communicate()
    assert (before.returncode, code) == (0, 0)
    assert "draining" in steps(said)
    assert host.serves(first)
    assert host.state["previous"] == second.id


def test_a_host_may_stay_drained_until_somebody_has_looked(host, small):
    first, second = small("good"), small("better")
    host.set_up(first, second)
    host.switch(first)
    code, said = host.switch(second, "--stay-drained")
    assert (code, "stays drained" in steps(said)) == (0, True)
    status, release, body = host.get("/ready")
    assert (status, release) == (503, second.id)
    assert json.loads(body)["status"] == "draining"
    assert host.get("/up")[:2] == (200, second.id)
    assert steps(host.run("ready")[1]) == ["ready"]
    assert host.serves(second)


def test_draining_waits_for_the_last_request(host, small):
    release = small("good")
    host.set_up(release)
    host.switch(release)
    host.begin_slow_request()
    code, said = host.run("drain", "--settle", "0", "--drain", "0")
    assert (code, said[-1]["requests_left"]) == (1, 1)
    host.enough()
    code, said = host.run("drain", "--settle", "0")
    assert (code, said[-1]["requests_left"]) == (0, 0)
    assert host.get("/ready")[0] == 503
    host.asked.join()
    assert host.answers[0][0] == 200
    assert host.run("ready")[0] == 0
    assert host.serves(release)


def test_a_worker_has_no_requests_to_wait_for(host, small):
    first, second = small("good"), small("better")
    host.set_up(first, second, roles='"work"', more=ELSEWHERE)
    host.switch(first)
    code, said = host.switch(second)
    assert (code, steps(said)) == (0, ["stopped", "current", "started", "runs"])
    assert host.state["current"] == second.id
