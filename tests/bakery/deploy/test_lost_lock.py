"""Without the fleet's lock nothing is changed, not even back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bakery.deploy.commanding import NOT_ALL_BACK, end
from bakery.deploy.deploying import Deploy
from bakery.deploy.lock import LockTaken
from tests.bakery.deploy.shop import Shop, everywhere


@pytest.fixture
def lost(shop: Shop, monkeypatch) -> Iterator[Shop]:
    """In the middle of rolling the host that keeps the lock lets it go."""
    monkeypatch.setattr("bakery.deploy.lock.WORD_SECONDS", 0.01)
    monkeypatch.setattr("bakery.deploy.lock.AGAIN_SECONDS", 0.01)
    holds: list[Deploy] = []
    init = Deploy.__post_init__

    def keep(deploy: Deploy) -> None:
        init(deploy)
        holds.append(deploy)

    monkeypatch.setattr(Deploy, "__post_init__", keep)

    def cut(host: str, what: str) -> None:
        if (host, what.split()[:2]) == ("app2", ["switch", "new"]):
            shop.world.channels[0].is_cut = True
            assert holds[0].held.lost.wait(10)

    shop.world.on = cut
    return shop


def test_a_lost_lock_is_taken_anew_before_hosts_go_back(lost):
    report = lost.deploy()
    assert everywhere(lost, "old")
    assert "no longer answers" in report.why
    assert len(lost.told("hold")) == 2
    said = lost.world.said
    again = said.index(("front", "hold"), said.index(("front", "hold")) + 1)
    back = [n for n, (_, what) in enumerate(said) if what.startswith("switch old")]
    assert min(back) > again
    assert lost.events() == ["begun", "went back"]


def test_a_host_that_has_not_noticed_yet_is_waited_for(lost):
    own = lost.world.on

    def notice(host: str, what: str) -> None:
        own(host, what)
        if what.startswith("switch new"):
            lost.world.holder = "me"
        elif what == "hold" and len(lost.told("hold")) == 4:
            lost.world.holder = ""

    lost.world.on = notice
    report = lost.deploy()
    assert everywhere(lost, "old")
    assert sorted(report.went_back) == ["app1", "app2"]
    assert len(lost.told("hold")) == 4


def test_if_somebody_else_has_it_then_nothing_more_is_changed(lost):
    own = lost.world.on

    def taken(host: str, what: str) -> None:
        own(host, what)
        if host == "app2" and what.startswith("switch new"):
            lost.world.holder = "anna@desk"

    lost.world.on = taken
    report = lost.deploy()
    assert lost.on()["app1"] == lost.on()["app2"] == "new"
    assert lost.told("switch")[-1][1].startswith("switch new")
    assert set(report.not_back) == {"app1", "app2"}
    assert "anna@desk" in report.not_back["app1"]
    assert lost.events() == ["begun"]
    with pytest.raises(Exception, match="failed") as told:
        end(report)
    assert told.value.returncode == NOT_ALL_BACK


def test_the_second_one_changes_nothing(shop):
    shop.world.holder = "anna@desk"
    with pytest.raises(LockTaken, match="anna@desk"):
        shop.deploy()
    assert shop.told("switch", "install", "configure") == []


def test_what_a_login_says_by_itself_is_not_taken_for_the_answer(shop):
    shop.world.greeting = "Welcome!\n[1]\n"
    assert shop.deploy().ok
    shop.world.holder = "anna@desk"
    with pytest.raises(LockTaken, match="anna@desk"):
        shop.deploy()
