"""The fleet file: what it may say, and what it hears when it is wrong."""

from __future__ import annotations

import pytest

from bakery.deploy import schema
from bakery.deploy.fleet_file import FleetFileError, parse_fleet, read_fleet
from tests.bakery.deploy.fleet_files import SMALLEST, faults, only_fault


def test_the_smallest_file_gets_the_defaults_of_the_example():
    fleet, example = parse_fleet(SMALLEST), parse_fleet(schema.example())
    assert (fleet.name, fleet.site_url) == ("try", "https://shop.example")
    assert (fleet.user, fleet.path, fleet.batch) == ("bakery", "/srv/bakery", "25%")
    assert (fleet.keep, fleet.supervisor) == (5, "systemd")
    assert fleet.canary == example.canary
    assert (fleet.canary.share, fleet.canary.slower) == (50, 2.0)
    assert fleet.hooks == {}
    assert fleet.text == SMALLEST
    host = fleet.hosts["app1"]
    assert (host.port, host.ssh_port, host.workers, host.threads) == (8000, 22, 3, 4)
    assert host.roles == frozenset({"web", "work"})


def test_the_example_is_a_right_file_itself():
    fleet = parse_fleet(schema.example())
    assert [host.name for host in fleet.web] == ["app1", "app2"]
    assert [host.name for host in fleet.work] == ["app1", "app2"]
    assert [host.name for host in fleet.balancers] == ["front"]


def test_the_example_says_of_each_key_what_it_is_for():
    text = schema.example()
    lines = schema.lines_of(text)
    for path, table in schema.schema().tables.items():
        for name in table if path not in {("hooks",)} else ():
            line = lines[(*path[:-1], "app1", name) if "*" in path else (*path, name)]
            assert schema.comment_above(text, line), name


def test_each_key_of_the_example_can_be_read_from_the_fleet():
    """What people may write and what the code takes are one list."""
    fleet = parse_fleet(schema.example())
    tables = schema.schema().tables
    assert all(hasattr(fleet, key) for key in tables[()])
    assert all(hasattr(fleet.hosts["app1"], key) for key in tables[("hosts", "*")])
    for name in ("canary", "balancer", "provider"):
        assert all(hasattr(getattr(fleet, name), key) for key in tables[(name,)])


def test_a_file_is_read_from_where_it_lies(tmp_path):
    path = tmp_path / "fleet.toml"
    path.write_text(SMALLEST)
    assert read_fleet(path) == parse_fleet(SMALLEST)
    path.write_text("name = 3\n")
    with pytest.raises(FleetFileError, match=str(path)):
        read_fleet(path)
    path.write_bytes(b"name = '\xff'")
    with pytest.raises(FleetFileError, match="UTF-8"):
        read_fleet(path)


@pytest.mark.parametrize(
    ("line", "nearest"),
    [
        ('site_ulr = "x"', "site_url"),
        ('supervisr = "runit"', "supervisor"),
        ("[canari]", "canary"),
        ("[hots.app2]", "hosts"),
    ],
)
def test_an_unknown_key_hears_the_nearest_known_one(line, nearest):
    fault = only_fault(f"{line}\n{SMALLEST}" if "=" in line else f"{SMALLEST}{line}\n")
    assert fault.line == (1 if "=" in line else 7)
    assert fault.remedy == f"Did you mean {nearest!r}?"


def test_an_unknown_key_that_is_like_none_hears_them_all():
    fault = only_fault(f"{SMALLEST}quux = 1\n")
    assert (fault.line, fault.wrong) == (7, "nothing is called hosts.app1.quux")
    assert fault.remedy.startswith("Known here: address, bind, port, roles,")


@pytest.mark.parametrize(
    ("more", "line", "wrong", "remedy"),
    [
        ('port = "8000"', 7, "has to be a whole number", "For example: port = 8000"),
        ("port = 0", 7, "from 1 to 65535", "For example: port = 8000"),
        ("port = true", 7, "has to be a whole number", "For example: port = 8000"),
        ("bind = 1", 7, "has to be a text in quotes", 'For example: bind = ""'),
        ("canary = 3", 7, "nothing is called hosts.app1.canary", "Known here"),
        ("[canary]\nslower = 0.5", 8, "from 1 to 100", "For example: slower = 2.0"),
        ("[canary]\nshare = 0", 8, "from 1 to 100", "For example: share = 50"),
        ('[balancer]\nbalance = "luck"', 8, "'luck'", "One of: turn, load, two."),
        ("[hooks]\nstarting = 1", 8, "a text in quotes", 'starting = ""'),
        ("[hooks]\nstartin = 'x'", 8, "nothing is called", "Did you mean 'starting'?"),
    ],
)
def test_a_wrong_value_hears_what_may_stand_there(more, line, wrong, remedy):
    fault = only_fault(f"{SMALLEST}{more}\n")
    assert fault.line == line
    assert wrong in fault.wrong
    assert remedy in fault.remedy


def test_what_is_missing_is_shown_with_an_example():
    found = faults('[hosts.app1]\nroles = ["web", "work"]\n')
    assert [(fault.wrong, fault.remedy) for fault in found] == [
        ("name is missing", 'For example: name = "bakery"'),
        ("site_url is missing", 'For example: site_url = "https://shop.example"'),
        ("hosts.app1.address is missing", 'For example: address = "10.0.0.11"'),
    ]


def test_all_faults_are_told_at_once_in_the_order_of_the_file():
    found = faults('name = 1\nsite_url = 2\n[hosts.a]\naddress = 3\nroles = ["wep"]\n')
    assert [fault.line for fault in found] == [1, 2, 4, 5]
    assert "cannot be 'wep'" in found[-1].wrong
    assert found[-1].remedy == "One of: web, work, balancer."


def test_a_table_is_a_table():
    fault = only_fault("hosts = 3\n" + SMALLEST.split("[hosts")[0])
    assert (fault.line, fault.wrong) == (1, "hosts has to be a table")


@pytest.mark.parametrize(("text", "line"), [("name = bakery", 1), ("\n\n[hosts", 3)])
def test_what_is_no_toml_says_in_which_line(text, line):
    fault = only_fault(text)
    assert fault.line == line
    assert "no TOML" in fault.wrong
    assert "fleet.example.toml" in fault.remedy


def test_the_words_name_file_lines_and_remedies():
    with pytest.raises(FleetFileError) as refused:
        parse_fleet(f"kep = 5\n{SMALLEST}", "fleets/big.toml")
    assert str(refused.value) == (
        "The fleet file fleets/big.toml cannot be used.\n"
        "line 1: nothing is called kep\n"
        "  Did you mean 'keep'?"
    )
