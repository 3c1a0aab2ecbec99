"""How often good releases are refused and bad ones found out, drawn by lot."""

from __future__ import annotations

import random

import pytest

from bakery.deploy import canary
from bakery.deploy.canary import judge_errors, looks
from bakery.deploy.figures import Figures
from bakery.deploy.fleet_file import Canary

NOTHING = Canary(share=50, seconds=20.0, errors=0.0, slower=2.0)


def refused_at(chance: random.Random, mine: float, theirs: float) -> int:
    """At which look the canary of one deploy is found bad; 0: it never is.

    It gets three requests between two looks and three others eighteen, about; they
    fail by these chances.
    """

    def more(so_far: Figures, requests: int, share: float) -> Figures:
        came = chance.randint(0, 2 * requests)
        failed = sum(chance.random() < share for _ in range(came))
        return Figures(so_far.requests + came, so_far.errors + failed)

    one, others = Figures(), Figures()
    number = int(looks(NOTHING))
    for look in range(1, number + 1):
        one, others = more(one, 3, mine), more(others, 18, theirs)
        if judge_errors(one, others, NOTHING, final=look == number).bad:
            return look
    return 0


def refused(share: float, deploys: int) -> float:
    """The part of the good releases that is refused where all clones fail alike."""
    chance = random.Random(2026)
    return sum(refused_at(chance, share, share) > 0 for _ in range(deploys)) / deploys


@pytest.mark.parametrize("share", [0.01, 0.02, 0.05])
def test_of_a_thousand_good_releases_hardly_one_in_fifty_is_refused(share):
    assert refused(share, 1000) < 0.02


def test_control_as_if_each_look_were_the_only_one_many_are_refused(monkeypatch):
    monkeypatch.setattr(canary, "QUIET", 0)
    monkeypatch.setattr(canary, "UNLIKELY", canary.UNLIKELY * looks(NOTHING))
    assert refused(0.02, 200) > 0.1


@pytest.mark.parametrize(
    ("mine", "theirs", "within"), [(1, 0, 5), (0.5, 0.01, 12), (0.3, 0, 20)]
)
def test_a_release_that_is_really_bad_is_found_out_at_once(mine, theirs, within):
    """Looks come twice a second."""
    chance = random.Random(2026)
    found = [refused_at(chance, mine, theirs) for _ in range(200)]
    assert all(0 < look <= within for look in found), max(found)


@pytest.mark.parametrize("theirs", [0, 0.01])
def test_one_answer_in_ten_that_fails_is_found_out_in_time(theirs):
    chance = random.Random(2026)
    found = [refused_at(chance, 0.1, theirs) for _ in range(200)]
    assert sum(look > 0 for look in found) >= 170
