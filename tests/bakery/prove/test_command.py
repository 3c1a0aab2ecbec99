"""The command's words, exit codes and report."""

from __future__ import annotations

import stat

import pytest

from bakery.fleet.control import ask, listening
from bakery.prove.comparing import Difference
from bakery.prove.proof import Report
from bakery.prove.walk import Done
from bakery.servers.ports import free_port


def at(name: str) -> str:
    """A clone with an address at which nobody is."""
    return f"--at={name}=http://127.0.0.1:{free_port()}"


@pytest.mark.parametrize(
    "words",
    [
        ["--at=clone-1"],
        ["--at==http://10.0.0.5:8000"],
        ["--at=clone-1=10.0.0.5:8000"],
        ["--at=clone-1=ftp://10.0.0.5"],
        ["--at=clone-1=http://10.0.0.5:99999"],
        ["--rounds=0"],
        ["--rounds=many"],
        ["--url=shop.example"],
        [at("one")],
        [at("one"), at("one")],
        [at("one"), at("two"), "--clone=three"],
    ],
)
def test_wrong_usage_ends_with_2(words, machine):
    answer = machine.manage("prove", *words, check=False)
    assert answer.returncode == 2, answer.stderr
    assert "Traceback" not in answer.stderr


def test_without_a_fleet_it_ends_with_4_and_says_how_to_start_one(machine):
    answer = machine.manage("prove", check=False)
    assert answer.returncode == 4
    assert "make fleet" in answer.stderr
    assert "--at" in answer.stderr


def test_a_clone_that_does_not_answer_ends_it_with_4(machine):
    answer = machine.manage("prove", at("one"), at("two"), check=False)
    assert answer.returncode == 4
    assert "one does not answer at http://127.0.0.1:" in answer.stderr
    assert answer.stdout == ""


def test_only_this_user_may_ask_a_local_fleet_for_its_key(tmp_path):
    with listening(tmp_path, lambda question: question | {"heard": True}):
        mode = stat.S_IMODE((tmp_path / "fleet.sock").stat().st_mode)
        assert mode == 0o600
        assert ask(tmp_path, do="join") == {"do": "join", "heard": True}


def test_the_report_of_a_whole_fleet():
    done = Done("order", "clone-2", 12, ["clone-1"])
    report = Report(["clone-1", "clone-2"], "", [[done]], compared=7)
    assert report.in_words() == (
        "The same everywhere: 1 walk, each step elsewhere, 2 clones, "
        "7 pairs of pages compared."
    )
    assert report.as_dict()["walks"] == [
        [
            {
                "step": "order",
                "at": "clone-2",
                "milliseconds": 12,
                "same_at": ["clone-1"],
            }
        ]
    ]
    assert report.as_dict()["same"]


def test_the_report_of_a_difference():
    found = Difference("page", ["clone-1", "clone-2"], "They show different pages.")
    found.step = "order"
    report = Report(["clone-1", "clone-2"], "clone-1", difference=found)
    assert report.in_words() == found.in_words()
    assert not report.as_dict()["same"]
    assert report.as_dict()["difference"]["step"] == "order"
