"""A host changes its release: nobody is cut off, and it never stays half-way."""

from __future__ import annotations

import json
import signal
import threading

import pytest

from tests.bakery.host.machine import QUICK
from tests.processes import wait_until

pytestmark = pytest.mark.usefixtures("runit", "built_before")


def steps(said: list[dict]) -> list[str]:
    return [line["step"] for line in said]


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
        ["draining", "drained", "stopped", "stopped", "current", "started", "started",
         "up", "ready", "runs"],
    )  # fmt: skip
    assert said[1]["requests_left"] == 0
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
    answers = []
    for patience in ("5", "0"):
        asked = threading.Thread(target=lambda: answers.append(host.get("/slow")))
        asked.start()
        assert wait_until(lambda: "flight 1" in host.get("/metrics")[2])
        to = second if patience == "5" else first
        assert host.switch(to, "--drain", patience)[0] == 0
        asked.join()
    assert answers == [(200, first.id, f"slowly {first.id}"), (0, "", "")]


@pytest.mark.parametrize("kind", ["does not boot", "never ready"])
def test_a_release_that_does_not_serve_is_taken_back(host, small, kind):
    good, bad = small("good"), small(kind)
    host.set_up(good, bad)
    host.switch(good)
    code, said = host.switch(bad, "--ready", "2")
    assert (code, steps(said)[-1]) == (3, "went back"), said
    assert host.serves(good)
    state = host.state
    assert (state["current"], state["previous"]) == (good.id, "")
    assert not state["draining"]
    if kind == "does not boot":
        [failure] = [line for line in said if line["step"] == "not up"]
        assert "the oven is cold" in failure["log"]


def test_a_first_release_that_does_not_boot_is_stopped(host, small):
    bad = small("does not boot")
    host.set_up(bad)
    code, said = host.switch(bad, "--ready", "1")
    assert (code, steps(said)[-1]) == (4, "nothing serves")
    assert not any(host.state["services"].values())


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
    assert json.loads(process.stdout.readline())["step"] == "draining"
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
    assert json.loads(before.stdout.readline())["step"] == "draining"
    code, said = host.switch(first)
    before.communicate()
    assert (before.returncode, code) == (0, 0)
    assert steps(said)[0] == "draining"
    assert host.serves(first)
    assert host.state["previous"] == second.id


@pytest.mark.parametrize("at", ["draining", "stopped", "current", "started"])
def test_a_switch_that_was_killed_is_finished_by_the_next(host, small, at):
    first, second = small("good"), small("better")
    host.set_up(first, second)
    host.switch(first)
    process = host.agent("switch", second.id, *QUICK)
    for line in process.stdout:
        if json.loads(line)["step"] == at:
            break
    [inside] = [p for p in host.still_there() if "--here" in p.cmdline()]
    inside.kill()
    assert process.wait() != 0
    assert host.switch(second)[0] == 0
    assert host.serves(second)
    assert not host.state["draining"]


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
    answers = []
    asked = threading.Thread(target=lambda: answers.append(host.get("/slow")))
    asked.start()
    assert wait_until(lambda: "flight 1" in host.get("/metrics")[2])
    code, said = host.run("drain", "--settle", "0", "--drain", "0")
    assert (code, said[-1]["requests_left"]) == (1, 1)
    code, said = host.run("drain", "--settle", "0")
    assert (code, said[-1]["requests_left"]) == (0, 0)
    assert host.get("/ready")[0] == 503
    asked.join()
    assert answers[0][0] == 200
    assert host.run("ready")[0] == 0
    assert host.serves(release)


def test_a_worker_has_no_requests_to_wait_for(host, small):
    first, second = small("good"), small("better")
    host.set_up(first, second, roles='"web", "work"')
    host.switch(first)
    text = host.base.joinpath("shared/host").read_text()
    host.base.joinpath("shared/host").write_text(text.replace("web,work", "work"))
    code, said = host.switch(second)
    assert (code, steps(said)) == (0, ["stopped", "current", "started", "runs"])
    assert host.state["current"] == second.id
