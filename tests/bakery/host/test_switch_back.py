"""A switch that fails, wherever it does, leaves the host with what it had."""

from __future__ import annotations

import errno

import pytest

from bakery.host.layout import Layout
from bakery.host.serving import Patience
from bakery.host.switch import Switch
from tests.bakery.host.machine import Host
from tests.bakery.host.steps import steps

pytestmark = [pytest.mark.hosts, pytest.mark.usefixtures("runit", "built_before")]


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


class FullOnce:
    """Where the words go there is no room for those of one step."""

    def __init__(self, step: str) -> None:
        self.step = step
        self.said: list[str] = []

    def __call__(self, **facts: object) -> None:
        if facts["step"] == self.step:
            self.step = ""
            raise OSError(errno.ENOSPC, "No space left on device")
        self.said.append(str(facts["step"]))


@pytest.mark.parametrize("step", ["stopped", "draining", "current", "started"])
def test_whatever_goes_wrong_the_former_release_serves_again(host: Host, small, step):
    first, second = small("good"), small("better")
    host.set_up(first, second)
    host.switch(first)
    say = FullOnce(step)
    switch = Switch(Layout(host.base), say, Patience(0.1, 5, 8))
    assert switch.to(second.id) == 3
    assert say.said[-1] == "went back"
    assert host.serves(first)
    state = host.state
    assert (state["current"], state["previous"]) == (first.id, "")
    assert (all(state["services"].values()), state["draining"]) == (True, False)


def test_a_log_without_room_stops_no_switch(host, small):
    """/dev/full takes no word."""
    release = small("good")
    host.set_up(release)
    with open("/dev/full", "w") as full:
        process = host.agent("switch", release.id, "--here", stdout=full)
        process.communicate(timeout=60)
    assert process.returncode == 0
    assert host.serves(release)


def test_previous_serves_if_the_former_release_is_the_one_that_fails(host, small):
    """Of a host where the release of now is broken, and somebody starts it anew."""
    first, second = small("good"), small("better")
    host.set_up(first, second)
    host.switch(first)
    host.switch(second)
    host.write_environment("GREETING=good evening\n")
    server = host.base / "releases" / second.id / "server.py"
    server.write_text("raise SystemExit('no dough')")
    code, said = host.switch(second, "--ready", "1")
    assert (code, steps(said)[-1]) == (3, "went back"), said
    assert host.serves(first)
    assert host.state["current"] == first.id
