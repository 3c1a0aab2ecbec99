"""Hosts put into a fleet file and taken out: nothing else in it changes."""

from __future__ import annotations

import pytest

from bakery.deploy.faults import FleetFileError
from bakery.deploy.fleet_file import parse_fleet
from bakery.instances.fleet_text import EditByHand, with_host, without_host

TEXT = """name = "demo"
site_url = "https://shop.example"

[hosts.app1]  # the old one
address = "10.0.0.11"
roles = ["web", "work"]
workers = 2

# the spare one
[hosts.app2]
address = "10.0.0.12"
roles = ["web"]

# How careful we are.
[canary]
seconds = 5.0
"""


def test_a_host_comes_after_the_last_one_and_is_like_another() -> None:
    fleet = parse_fleet(TEXT)
    grown = with_host(fleet, "app3", "10.0.0.13", fleet.hosts["app1"])
    assert list(grown.hosts) == ["app1", "app2", "app3"]
    new = grown.hosts["app3"]
    assert (new.address, new.roles, new.workers) == ("10.0.0.13", {"web"}, 2)
    table = """
[hosts.app3]
address = "10.0.0.13"
roles = ["web"]
port = 8000
workers = 2
threads = 4
"""
    before, after = TEXT.split("\n# How careful")
    assert grown.text == f"{before}{table}\n# How careful{after}"


def test_a_host_that_leaves_takes_nothing_with_it() -> None:
    fleet = parse_fleet(TEXT)
    grown = with_host(fleet, "app3", "10.0.0.13", fleet.hosts["app1"])
    assert without_host(grown, "app3").text == TEXT
    left = without_host(fleet, "app2")
    assert list(left.hosts) == ["app1"]
    assert left.canary.seconds == 5.0
    assert "# How careful we are." in left.text


def test_what_would_make_a_wrong_file_is_refused() -> None:
    fleet = parse_fleet(TEXT)
    with pytest.raises(FleetFileError, match="cannot be called"):
        with_host(fleet, '"a b"', "10.0.0.13", fleet.hosts["app1"])
    with pytest.raises(EditByHand, match="app1"):
        without_host(fleet, "app1")  # nobody would work


def test_a_file_that_is_written_in_another_way_is_left_to_its_writer() -> None:
    dotted = """name = "demo"
site_url = "https://shop.example"
hosts.app1 = { address = "10.0.0.11", roles = ["web", "work"] }
hosts.app2 = { address = "10.0.0.12", roles = ["web"] }
"""
    fleet = parse_fleet(dotted)
    with pytest.raises(EditByHand, match="app2"):
        without_host(fleet, "app2")
    with pytest.raises(EditByHand, match="address = .10.0.0.13."):
        with_host(fleet, "app3", "10.0.0.13", fleet.hosts["app1"])


def test_a_new_host_is_reached_as_the_others_are() -> None:
    text = TEXT.replace("workers = 2\n", "workers = 2\nssh_port = 2222\n")
    fleet = parse_fleet(text)
    grown = with_host(fleet, "app3", "10.0.0.13", fleet.hosts["app1"])
    assert grown.hosts["app3"].ssh_port == 2222
