"""What a host's own program says, in words for whoever deploys."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bakery.deploy import agent
from bakery.deploy.connection import Said
from bakery.host import codes


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


def test_the_same_source_makes_the_same_program():
    name, content = agent.archive()
    agent.archive.cache_clear()
    assert agent.archive() == (name, content)
