"""Who is switched when."""

from __future__ import annotations

import pytest

from bakery.deploy.fleet_file import Fleet, parse_fleet
from bakery.deploy.rolling import batches, canary_of


def make_fleet(batch: str, **hosts: list[str]) -> Fleet:
    tables = [
        f'[hosts.{name}]\naddress = "10.0.0.{number}"\nroles = {roles}\n'
        for number, (name, roles) in enumerate(hosts.items(), start=1)
    ]
    head = f'name = "f"\nsite_url = "http://shop.example"\nbatch = {batch}\n'
    return parse_fleet(head + "\n".join(tables))


EIGHT = {f"app{n}": ["web"] for n in range(1, 9)} | {"jobs": ["work"]}


def names(fleet: Fleet, done: list[str] | None = None) -> list[list[str]]:
    return [[host.name for host in batch] for batch in batches(fleet, done or [])]


def test_the_canary_is_the_first_that_answers_shoppers():
    fleet = make_fleet("1", jobs=["work"], app1=["web"], app2=["web"])
    assert canary_of(fleet).name == "app1"


@pytest.mark.parametrize(
    ("batch", "sizes"),
    [("1", [1] * 7), ("3", [3, 3, 1]), ('"25%"', [2, 2, 2, 1]), ('"100%"', [7])],
)
def test_the_others_follow_so_many_at_a_time(batch, sizes):
    found = names(make_fleet(batch, **EIGHT), ["app1"])
    assert [len(each) for each in found] == [*sizes, 1]
    assert found[-1] == ["jobs"]


def test_never_all_that_answer_shoppers_at_once():
    assert names(make_fleet('"100%"', **EIGHT))[:2] == [
        [f"app{n}" for n in range(1, 8)],
        ["app8"],
    ]


def test_one_alone_is_all_there_is():
    assert names(make_fleet("5", one=["web", "work"])) == [["one"]]


def test_balancers_come_last_and_one_by_one():
    fleet = make_fleet(
        "2",
        front1=["balancer"],
        front2=["balancer"],
        app1=["web"],
        jobs=["work"],
        app2=["web", "work"],
    )
    assert names(fleet) == [["app1"], ["app2"], ["jobs"], ["front1"], ["front2"]]
