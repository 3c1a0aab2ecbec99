"""Values of the fleet file that are of the right kind and make no sense."""

from __future__ import annotations

import pytest

from bakery.deploy.fleet_file import parse_fleet
from tests.bakery.deploy.fleet_files import SMALLEST, faults, only_fault, with_line


@pytest.mark.parametrize("value", ['"0%"', '"101%"', '"some"', "0", "-2", '""'])
def test_a_batch_is_a_share_or_a_number(value):
    fault = only_fault(f"batch = {value}\n{SMALLEST}")
    assert fault.line == 1
    assert '"25%"' in fault.remedy


@pytest.mark.parametrize(
    ("batch", "hosts", "at_once"),
    [('"25%"', 8, 2), ('"25%"', 3, 1), ('"100%"', 3, 3), ("2", 8, 2), ("2", 1, 2)],
)
def test_a_batch_says_how_many_hosts_at_once(batch, hosts, at_once):
    assert parse_fleet(f"batch = {batch}\n{SMALLEST}").at_once(hosts) == at_once


@pytest.mark.parametrize("role", ["web", "work"])
def test_a_fleet_needs_somebody_for_each_kind_of_work(role):
    other = {"web": "work", "work": "web"}[role]
    fault = only_fault(SMALLEST.replace('"web", "work"', f'"{other}"'))
    assert f"no host has the role {role!r}" in fault.wrong
    assert fault.remedy == f'Give one host at least: roles = ["{role}"]'


def test_a_fleet_without_any_host_is_none():
    found = faults(SMALLEST.split("[hosts")[0])
    assert len(found) == 2
    assert all("no host has the role" in fault.wrong for fault in found)


def test_two_hosts_are_two_machines():
    second = '[hosts.app2]\naddress = "10.0.0.1"\nroles = ["web"]\n'
    fault = only_fault(SMALLEST + second)
    assert (fault.line, fault.wrong) == (8, "app2 and app1 are the same machine")
    assert parse_fleet(SMALLEST + second + "ssh_port = 2222\n").hosts["app2"]


def test_hosts_have_names_that_can_stand_anywhere():
    fault = only_fault(SMALLEST.replace("[hosts.app1]", '[hosts."app 1"]'))
    assert (fault.line, "'app 1'" in fault.wrong) == (4, True)


@pytest.mark.parametrize(
    "name", ["FRONTEND", "backend", "Frontend", "app1-unchecked", "x-UNCHECKED"]
)
def test_no_host_is_called_like_something_of_the_balancer_s_own(name):
    fault = only_fault(SMALLEST.replace("app1", name))
    assert (fault.line, f"cannot be called {name!r}" in fault.wrong) == (4, True)


@pytest.mark.parametrize("address", ["front.example", "front", "10.0.0.300", "a:80"])
def test_a_balancer_has_an_ip_address_because_it_is_trusted_by_it(address):
    front = '[hosts.front]\naddress = "{}"\nroles = ["balancer"]\n'
    fault = only_fault(SMALLEST + front.format(address))
    assert fault.line == 8
    assert fault.wrong == (
        f"the balancer front has to have an IP address, not {address!r}"
    )
    for right in ("10.0.0.9", "fd00::1"):
        assert parse_fleet(SMALLEST + front.format(right)).balancers


def test_another_host_may_have_a_name_for_its_address_but_no_port_behind():
    assert parse_fleet(SMALLEST.replace("10.0.0.1", "app1.example")).hosts["app1"]
    fault = only_fault(SMALLEST.replace("10.0.0.1", "app1.example:22"))
    assert fault.wrong == "'app1.example:22' is no address of a host"


@pytest.mark.parametrize(
    "line",
    [
        'name = "my bakery"',
        'user = "a b"',
        'ssh_key = "/home/a b/key"',
        'path = "/srv/my bakery"',
        'site_url = "https://shop.example /"',
        "[balancer]\nbind = '0.0.0.0:80 ssl'",
        "[hosts.b]\nroles = ['web']\naddress = '10.0.0.2 '",
    ],
)
def test_a_text_that_goes_into_other_files_has_no_blanks(line):
    assert "cannot have blanks" in only_fault(with_line(line)).wrong


@pytest.mark.parametrize(
    "line",
    [
        'name = "bakery\\nROLES=web"',
        'python = "python3\\u0000"',
        '[hooks]\nstarted = "notify\\nrm"',
        '[provider]\ncreate = "make\\tit"',
        '[balancer]\nbind = "0.0.0.0:80\\u2028x"',
        '[balancer]\ncertificate = "/etc/a\\r\\nb.pem"',
    ],
)
def test_no_text_has_characters_that_nobody_sees(line):
    assert "cannot have such a character" in only_fault(with_line(line)).wrong


def test_command_lines_have_blanks():
    fleet = parse_fleet(
        'python = "nice python3"\n' + SMALLEST + "[hooks]\nstarted = 'notify -v all'\n"
        "[provider]\ncreate = 'make it'\nremove = 'remove it'\n"
    )
    assert (fleet.python, fleet.hooks["started"]) == ("nice python3", "notify -v all")
    assert (fleet.provider.create, fleet.provider.remove) == ("make it", "remove it")


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ('path = "srv/bakery"', "path has to be absolute"),
        ('path = "/srv/my:bakery"', "path has to be absolute"),
        ('site_url = "https://shop.example\\""', "no address of a site"),
        ('site_url = "https://shop.example:\\"x"', "no address of a site"),
        ('site_url = "shop.example"', "no address of a site"),
        ('site_url = "https://shop.example/shop/"', "no address of a site"),
    ],
)
def test_paths_and_addresses_make_sense(line, wrong):
    fault = only_fault(with_line(line))
    assert fault.line == 1
    assert wrong in fault.wrong
