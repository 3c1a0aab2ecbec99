"""A changed fleet file reaches the fleet; one that is not the fleet's does not."""

from __future__ import annotations

import json

import pytest

from bakery.deploy import agent
from bakery.deploy.fleet_file import parse_fleet
from bakery.deploy.looking import Refused
from tests.bakery.deploy.shop import SMALL, everywhere, fleet_of


def test_a_changed_fleet_file_reaches_the_fleet_without_a_new_release(shop):
    shop.deploy()
    more = fleet_of(SMALL | {"app2": ["web", "work"]})
    report = shop.deploy(fleet=more)
    assert report.ok
    assert report.canary == ""
    told = [host for host, what in shop.told("switch")[4:]]
    assert told == ["app2"]
    assert {m.text for m in shop.machines.values()} == {more.text}
    assert shop.machines["front"].configuration == f"new {agent.fleet_id(more.text)}"


def test_words_in_the_fleet_file_restart_nobody(shop):
    shop.deploy()
    before = len(shop.told("switch"))
    assert shop.deploy(fleet=parse_fleet(f"# Ours.\n{shop.fleet.text}")).ok
    assert len(shop.told("switch")) == before
    assert shop.machines["app1"].text.startswith("# Ours.")


def test_changed_secrets_reach_the_services(shop):
    shop.deploy()
    for machine in shop.machines.values():
        machine.environment = "another"
    assert shop.deploy().ok
    assert {m.served_environment for m in shop.machines.values()} == {"another"}


def test_a_fleet_file_that_fails_is_taken_back(shop):
    shop.deploy()
    shop.machines["app2"].bad = ("new",)
    report = shop.deploy(
        fleet=fleet_of(SMALL | {"app1": ["web", "work"]} | {"app2": ["web", "work"]})
    )
    assert not report.ok
    assert {m.text for m in shop.machines.values()} == {shop.fleet.text}
    assert shop.machines["app1"].served_by == shop.fleet.text


def test_an_older_fleet_file_takes_no_host_away(shop):
    older = fleet_of({name: SMALL[name] for name in ("front", "app1", "app2")})
    with pytest.raises(Refused, match="app3: in the fleet's own file .*\n.*--fewer"):
        shop.deploy(fleet=older)
    assert shop.told("configure", "switch") == []
    report = shop.deploy(fleet=older, fewer=True)
    assert report.ok
    assert shop.on()["app3"] == "old"
    assert "app3" not in shop.machines["front"].weights
    assert any(each.startswith("app3: it is not in the fleet") for each in report.left)


def test_files_that_disagree_about_who_keeps_the_lock_are_refused(shop):
    other = fleet_of(dict(reversed(SMALL.items())))
    with pytest.raises(Refused, match="the first host is front .* and app3 in yours"):
        shop.deploy(fleet=other)


def test_a_changed_port_is_refused(shop):
    with pytest.raises(Refused, match="port 8000, and the fleet file says 8001"):
        shop.deploy(fleet=fleet_of(SMALL, app2=8001))
    assert shop.told("configure", "switch") == []


def test_hosts_with_other_secrets_are_refused(shop):
    shop.machines["app2"].environment = "odd"
    with pytest.raises(Refused, match="app2: its shared/environment is not that of"):
        shop.deploy()


def test_a_host_that_is_away_can_be_left_out_and_follows_with_the_next(shop):
    report = shop.deploy(without=["app2"])
    assert report.ok
    assert shop.on() == {"front": "new", "app1": "new", "app2": "old", "app3": "new"}
    assert report.left[0].startswith("app2: it was left out")
    assert all(host != "app2" for host, _ in shop.world.said)
    line = json.loads(shop.machines["front"].record[-1])
    assert (line["event"], line["without"]) == ("done", "app2")
    before = len(shop.told("switch"))
    assert shop.deploy().ok
    assert [host for host, _ in shop.told("switch")[before:]] == ["app2"]


def test_it_follows_also_after_a_deploy_that_failed(shop):
    shop.deploy(without=["app2"])
    shop.machines["app1"].bad = ("newer",)
    assert not shop.deploy("newer").ok
    assert shop.on()["app2"] == "old"
    shop.machines["app1"].bad = ()
    assert shop.deploy("newer").ok
    assert everywhere(shop, "newer")


@pytest.mark.parametrize(
    ("without", "words"),
    [
        (["front"], "keeps the lock"),
        (["app1", "app2"], "2 of 3 web hosts"),
        (["app9"], "no such host"),
    ],
)
def test_only_few_are_left_out(shop, without, words):
    with pytest.raises(Refused, match=words):
        shop.deploy(without=without)
    assert shop.world.said == []
