"""What a host's own program says, in words for whoever deploys."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bakery.deploy import agent
from bakery.deploy.connection import CommandFailed, HostAway, HostError, Said
from bakery.deploy.upload import former_files
from bakery.host import codes
from bakery.host.runit import STOP_SECONDS
from bakery.host.serving import Patience


def said(*steps: dict) -> Said:
    return Said(3, "\n".join([*map(json.dumps, steps), "no JSON", "7"]), "")


def test_what_went_wrong_is_told_and_not_how_it_was_mended():
    steps = [
        {"at": 1.0, "step": "started", "role": "web"},
        {"at": 2.0, "step": "not up", "release": "new", "log": "RuntimeError: no\n"},
        {"at": 3.0, "step": "going back", "release": "old"},
        {"at": 4.0, "step": "went back", "release": "old"},
    ]
    assert agent.in_words(said(*steps)) == "not up new RuntimeError: no"


def test_an_error_is_told_as_it_is():
    assert agent.in_words(said({"at": 1.0, "error": "No room."})) == "No room."


def test_without_either_it_is_what_it_did_last():
    assert agent.in_words(said({"step": "draining"})) == "draining"
    assert agent.in_words(Said(1, "", "Killed\n")) == "Killed"
    assert agent.in_words(Said(1, "", "")) == "it said nothing"


def test_the_program_runs_on_a_host_that_has_nothing_yet(app1):
    agent.put_agent(app1)
    state = agent.state(app1)
    assert (state["current"], state["releases"]) == ("", [])
    assert state["environment_file"] == "missing"
    assert len(list(Path(app1.base, "incoming").iterdir())) == 1


def test_it_says_what_is_missing_and_by_which_code(app1):
    agent.put_agent(app1)
    with pytest.raises(agent.AgentFailed, match="install: .*Cannot unpack") as error:
        agent.install(app1, "0123456789abcdef")
    assert error.value.code == codes.FAILED
    with pytest.raises(agent.AgentFailed, match="shared/environment") as error:
        agent.configure(app1)
    assert error.value.code == codes.NOT_SET_UP


def test_a_program_that_says_nothing_is_told_and_breaks_nothing(app1, monkeypatch):
    monkeypatch.setattr(app1, "look", lambda *words: Said(0, "Welcome!\n", ""))
    with pytest.raises(HostError, match="nothing that can be read: 'Welcome!"):
        agent.state(app1)


def lost(app1, monkeypatch, *ends: Said | None) -> list[list[str]]:
    """How often it is told, when the connection breaks off (None) or it ends so."""
    told: list[list[str]] = []

    def run(*words: str, seconds: float) -> Said:
        told.append(list(words))
        end = ends[len(told) - 1]
        if end is None:
            raise HostAway("app1", "the connection broke off")
        if end.code:
            raise CommandFailed("app1", "switch", end)
        return end

    monkeypatch.setattr(app1, "run", run)
    return told


def test_a_switch_whose_connection_broke_is_asked_for_again_and_not_repeated(
    app1, monkeypatch
):
    told = lost(app1, monkeypatch, None, None, Said(codes.WENT_BACK, "", ""))
    with pytest.raises(agent.AgentFailed) as error:
        agent.switch(app1, "new", stay_drained=True)
    assert error.value.code == codes.WENT_BACK
    assert told[0] == told[1] == told[2]
    assert told[0][told[0].index("switch") :][:3] == ["switch", "new", "--stay-drained"]
    assert len(told[0][told[0].index("--once") + 1]) == 32


def test_each_switch_is_another_one(app1, monkeypatch):
    told = lost(app1, monkeypatch, Said(0, "", ""), Said(0, "", ""))
    agent.switch(app1, "new")
    agent.switch(app1, "new")
    assert told[0] != told[1]


def test_a_host_that_stays_away_is_given_up(app1, monkeypatch):
    told = lost(app1, monkeypatch, *[None] * agent.TRIES)
    with pytest.raises(HostAway):
        agent.switch(app1, "new")
    assert len(told) == agent.TRIES


def test_a_switch_is_waited_for_as_long_as_it_may_take():
    given = Patience()
    least = given.settle + given.drain + given.ready + STOP_SECONDS
    assert least <= agent.ONE_WAY_SECONDS
    assert agent.ONE_WAY_SECONDS + least <= agent.SWITCH_SECONDS


def test_a_host_and_we_call_the_same_fleet_file_the_same(app1):
    base = Path(app1.base)
    base.joinpath("shared").mkdir()
    base.joinpath("shared/environment").touch(mode=0o600)
    agent.put_agent(app1)
    agent.configure(app1)
    state = agent.state(app1)
    assert state["fleet_id"] == agent.fleet_id(app1.fleet.text)
    assert state["hosts"] == ["app1", "app2"]
    assert state["port"] == app1.host.port
    ours = app1.fleet.text
    assert former_files({"app1": app1}, {"app1": state}, ours) == {}
    found = former_files({"app1": app1}, {"app1": state}, f"# Newer.\n{ours}")
    assert found == {"app1": ours}
    agent.configure(app1, f"# Newer.\n{ours}")
    assert agent.state(app1)["fleet_id"] != state["fleet_id"]
    agent.retire(app1)


def test_the_same_source_makes_the_same_program():
    name, content = agent.archive()
    agent.archive.cache_clear()
    assert agent.archive() == (name, content)
