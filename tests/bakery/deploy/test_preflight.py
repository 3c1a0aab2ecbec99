"""What must hold on every host before anything is changed."""

from __future__ import annotations

import pytest

from bakery.deploy.fleet_file import Fleet, parse_fleet
from bakery.deploy.preflight import (
    faults_of_file,
    faults_of_hosts,
    faults_of_ports,
    faults_of_secrets,
)
from bakery.deploy.record import Entry, entries, interrupted, left_out
from bakery.deploy.situation import Situation, faults_of_mixture

NOW = 1_800_000_000.0
WELL = {
    "python": "3.11.2",
    "disk_free_bytes": 10_000_000_000,
    "environment_file": "there",
    "clock": NOW,
}
BEGUN = Entry("begun", "deploy", "new", "old", "anna@desk", "2026-11-23T04:00:00+00:00")


def test_hosts_that_are_well_have_no_fault():
    assert list(faults_of_hosts({"app1": WELL, "app2": WELL}, "3.11", NOW)) == []


@pytest.mark.parametrize(
    ("wrong", "words", "remedy"),
    [
        ({"python": "3.9.2"}, "its Python is 3.9.2", "python3.11"),
        ({"disk_free_bytes": 12_000_000}, "12 MB are free, 400 are needed", "keep"),
        ({"environment_file": "missing"}, "environment is missing", "SECRET_KEY"),
        ({"environment_file": "readable by others"}, "readable by others", "chmod 600"),
        ({"clock": NOW - 90}, "differs by -90 s", "chrony"),
    ],
)
def test_each_fault_names_host_and_remedy(wrong, words, remedy):
    [fault] = faults_of_hosts({"app1": WELL, "app2": WELL | wrong}, "3.11", NOW)
    assert fault.host == "app2"
    assert words in fault.wrong
    assert remedy in fault.remedy


def on(**releases: str) -> dict[str, dict[str, str]]:
    return {name: {"current": release} for name, release in releases.items()}


@pytest.mark.parametrize(
    "hosts",
    [
        on(app1="old", app2="old"),
        on(app1="new", app2="new"),
        on(app1="", app2=""),
        on(app1="old", app2=""),
    ],
)
def test_one_release_everywhere_is_no_mixture_and_new_hosts_have_none(hosts):
    assert list(faults_of_mixture(hosts, "new", None)) == []


def test_several_releases_that_nobody_explains_are_refused():
    [fault] = faults_of_mixture(on(app1="old", app2="odd"), "new", None)
    assert "odd on app2; old on app1" in fault.wrong
    assert "--mixed" in fault.remedy


@pytest.mark.parametrize("release", ["new", "old"])
def test_an_interrupted_deploy_is_finished_or_undone(release):
    assert list(faults_of_mixture(on(app1="new", app2="old"), release, BEGUN)) == []


def test_another_release_waits_until_the_interrupted_one_is_settled():
    [fault] = faults_of_mixture(on(app1="new", app2="old"), "third", BEGUN)
    assert "a deploy of anna@desk was interrupted" in fault.wrong
    assert "`deploy new`" in fault.remedy


def test_an_interrupted_deploy_explains_no_third_release():
    hosts = on(app1="new", app2="old", app3="odd")
    [fault] = faults_of_mixture(hosts, "new", BEGUN)
    assert "no deploy of ours explains it" in fault.wrong


def test_a_host_goes_back_to_what_it_had():
    situation = Situation({"app1": "old", "app2": "odd"})
    assert situation.before("app1", "new") == "old"
    assert situation.before("app2", "new") == "odd"


def test_who_has_the_new_one_already_goes_back_to_what_was_before_the_interruption():
    situation = Situation({"app1": "new", "app2": ""}, BEGUN)
    assert situation.before("app1", "new") == "old"
    assert situation.before("app2", "new") == "old"


def test_a_new_host_goes_back_to_what_the_others_have():
    situation = Situation({"app1": "", "app2": "old", "app3": "old"})
    assert situation.before("app1", "new") == "old"
    assert Situation({"app1": ""}).before("app1", "new") == ""


def test_with_one_release_everywhere_it_is_the_fleet_file_that_goes_back():
    situation = Situation({"app1": "new", "app2": "new"})
    assert situation.before("app1", "new") == "new"
    assert not situation.has_former("new")


def test_a_beginning_without_an_end_is_an_interruption():
    lines = [
        '{"event": "begun", "release": "a", "former": ""}',
        "half a li",
        '{"event": "done", "release": "a"}',
        '{"event": "begun", "release": "b", "former": "a", "owner": "anna@desk"}',
    ]
    known = entries("\n".join(lines))
    assert [entry.event for entry in known] == ["begun", "done", "begun"]
    assert interrupted(known) == known[-1]
    assert interrupted(known[:-1]) is None
    assert interrupted([]) is None


def test_who_was_left_out_of_the_last_deploy_is_explained():
    lines = [
        '{"event": "begun", "release": "new", "without": "app2 app3"}',
        '{"event": "done", "release": "new", "without": "app2 app3"}',
    ]
    known = entries("\n".join(lines))
    assert left_out(known) == {"app2", "app3"}
    assert left_out([]) == set()
    hosts = on(app1="new", app2="old", app3="older")
    assert list(faults_of_mixture(hosts, "third", None, left_out(known))) == []
    assert len(list(faults_of_mixture(hosts, "third", None, {"app2"}))) == 1


def secrets(**ids: str) -> dict[str, dict[str, str]]:
    return {name: {"environment_id": found} for name, found in ids.items()}


def test_whose_secrets_differ_is_named_and_who_has_none_is_not():
    assert list(faults_of_secrets(secrets(app1="a", app2="a", app3=""))) == []
    [fault] = faults_of_secrets(secrets(app1="a", app2="b", app3="a"))
    assert fault.host == "app2"
    assert "app1, app3" in fault.wrong


def test_a_port_may_change_where_nothing_serves_yet(small):
    state = {"port": 7000, "services": {"web": 7}}
    [fault] = faults_of_ports({"app1": state, "app2": {}}, small)
    assert (fault.host, "port = 7000" in fault.remedy) == ("app1", True)
    for other in ({"port": 0}, {"services": {"web": 0}}, {"port": 8000}):
        assert list(faults_of_ports({"app1": state | other}, small)) == []


def test_the_fleet_s_own_file_is_compared_with_ours(small):
    def faults(*hosts: str, fewer: bool = False) -> list[str]:
        found = faults_of_file({"app1": {"hosts": hosts}}, small, fewer=fewer)
        return [f"{fault.wrong} {fault.remedy}" for fault in found]

    assert faults() == faults("app1") == faults("app1", "app2") == []
    assert "app3: in the fleet's own file (app1" in faults("app1", "app3")[0]
    assert faults("app1", "app3", fewer=True) == []
    assert "[hosts.app2]" in faults("app2", "app1")[0]


def test_the_first_host_s_file_counts_and_not_one_that_was_away(small):
    states = {"app1": {"hosts": ["app1", "app2"]}, "app2": {"hosts": ["app1", "app9"]}}
    assert list(faults_of_file(states, small, fewer=False)) == []


@pytest.fixture
def small() -> Fleet:
    hosts = "".join(
        f'[hosts.app{n}]\naddress = "10.0.0.{n}"\nroles = ["web", "work"]\n'
        for n in (1, 2)
    )
    return parse_fleet(f'name = "f"\nsite_url = "http://shop.example"\n{hosts}')
