"""The whole way of a deploy over hosts in memory: who is told what, in which order."""

from __future__ import annotations

import pytest

from bakery.deploy import agent
from bakery.deploy.report import Report
from tests.bakery.deploy.shop import FIFTY, SMALL, Shop, everywhere

MOMENTS = (
    *("starting", "started", "updating", "updated", "publishing", "published"),
    *("finishing", "finished", "reverting", "reverted", "failed"),
    *("finishing_rollback", "finished_rollback"),
)


def test_the_canary_is_first_and_balancers_are_told_last(shop):
    report = shop.deploy()
    assert report.ok, report.in_words()
    assert everywhere(shop, "new")
    assert shop.events() == ["begun", "done"]
    switched = [host for host, _ in shop.told("switch")]
    assert switched == ["app1", "app2", "app3", "front"]
    last = [what for _, what in shop.world.said if "balancer_config" in what]
    assert len(last) == 1
    position = [what for _, what in shop.world.said].index(last[0])
    assert all(shop.world.said.index(each) < position for each in shop.told("switch"))
    assert {host for host, _ in shop.told("retire")} == set(shop.fleet.hosts)
    assert shop.machines["front"].weights == {"app1": 100, "app2": 100, "app3": 100}


def test_each_switch_has_a_token_of_its_own(shop):
    shop.deploy()
    tokens = [what.split("--once ")[1] for _, what in shop.told("switch")]
    assert len(set(tokens)) == 4
    assert all(len(token) == 32 and int(token, 16) for token in tokens)


def test_fifty_hosts_and_two_balancers(monkeypatch):
    shop = Shop(FIFTY)
    most = 0

    def watch(host: str, what: str) -> None:
        nonlocal most
        weights = shop.machines["front1"].weights.values()
        most = max(most, sum(weight == 0 for weight in list(weights)))

    shop.world.on = watch
    report = shop.deploy()
    assert report.ok, report.in_words()
    assert everywhere(shop, "new")
    assert 1 < most <= 12
    assert len(shop.told("switch")) == 51
    for front in ("front1", "front2"):
        machine = shop.machines[front]
        assert machine.configuration == f"new {agent.fleet_id(shop.fleet.text)}"
        assert set(machine.weights.values()) == {100}


def test_a_balancer_that_also_answers_shoppers_gets_its_configuration_as_the_canary():
    shop = Shop({"one": ["web", "work", "balancer"], "two": ["web", "balancer"]})
    assert shop.deploy().ok
    configurations = {m.configuration for m in shop.machines.values()}
    assert configurations == {f"new {agent.fleet_id(shop.fleet.text)}"}
    told = [what.split()[0] for _, what in shop.told("switch", "manage")]
    assert told[-3:] == ["manage", "manage", "manage"]  # two balancers, the shelf


def test_one_host_alone():
    shop = Shop({"one": ["web", "work", "balancer"]})
    assert shop.deploy().ok
    assert shop.on() == {"one": "new"}
    assert shop.deploy("old", careful=False).ok
    assert shop.on() == {"one": "old"}


def test_a_fleet_that_had_nothing_gets_its_balancer_s_configuration_first():
    shop = Shop()
    for machine in shop.machines.values():
        machine.current = machine.text = machine.served_by = ""
        machine.weights = {}
    assert shop.deploy().ok
    told = [each for each in shop.world.said if each[0] == "front"]
    names = [what.split()[0] for _, what in told]
    assert names.index("manage") < names.index("switch")


def test_what_is_on_all_hosts_already_is_only_put_right(shop):
    shop.deploy()
    before = len(shop.told("switch"))
    shop.machines["front"].weights["app2"] = 0
    report = shop.deploy()
    assert "on all hosts already" in report.steps[-1].words
    assert len(shop.told("switch")) == before
    assert shop.machines["front"].weights["app2"] == 100
    assert shop.events() == ["begun", "done"]


def hooks(report: Report) -> list[str]:
    said = [step.words for step in report.steps]
    return [words.split()[1].rstrip(":") for words in said if words.startswith("hook")]


@pytest.fixture
def hooked() -> Shop:
    lines = "\n".join(f'{moment} = "true"' for moment in MOMENTS)
    return Shop(SMALL, f"[hooks]\n{lines}\n")


def test_hooks_of_a_deploy_run_in_capistrano_s_order(hooked):
    assert hooks(hooked.deploy()) == list(MOMENTS[:8])


def test_hooks_of_a_rollback_do_too(hooked):
    assert hooks(hooked.deploy(careful=False)) == [
        *("starting", "started", "reverting", "reverted"),
        *("finishing_rollback", "finished_rollback"),
    ]


def test_hooks_of_a_deploy_that_fails(hooked):
    hooked.machines["app1"].bad = ("new",)
    assert hooks(hooked.deploy()) == [
        *("starting", "started", "updating", "updated", "publishing"),
        *("reverting", "reverted", "failed"),
    ]


def test_hooks_of_a_rollback_that_fails_revert_once(hooked):
    hooked.machines["app1"].bad = ("new",)
    assert hooks(hooked.deploy(careful=False)) == [
        *("starting", "started", "reverting", "failed"),
    ]
