"""Keys of hosts that come and go; whoever else is in the file stays as he is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bakery.deploy.fleet_file import parse_fleet
from bakery.instances.known_hosts import forget_key, remember
from tests.bakery.instances.test_fleet_text import TEXT

OTHERS = "# ours\n10.0.0.1 ssh-rsa AAAA\n[10.0.0.12]:2222 ssh-rsa BBBB\n"


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def fleet(home):
    return parse_fleet(TEXT)


def test_without_a_file_of_the_fleet_s_own_it_is_where_ssh_looks(home, fleet):
    host = fleet.hosts["app2"]
    remember(fleet, host, "ssh-ed25519 CCCC")
    path = home / ".ssh/known_hosts"
    assert path.read_text() == "10.0.0.12 ssh-ed25519 CCCC\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_the_key_of_an_earlier_machine_at_the_address_goes(tmp_path, fleet):
    path = tmp_path / "known"
    path.write_text(OTHERS)
    path.chmod(0o640)
    fleet = replace(fleet, known_hosts=str(path))
    host = fleet.hosts["app2"]
    remember(fleet, host, "ssh-ed25519 CCCC")
    remember(fleet, host, "ssh-ed25519 DDDD")
    assert path.read_text() == f"{OTHERS}10.0.0.12 ssh-ed25519 DDDD\n"
    assert path.stat().st_mode & 0o777 == 0o640
    forget_key(fleet, host)
    forget_key(fleet, host)
    assert path.read_text() == OTHERS


def test_a_port_of_its_own_belongs_to_the_name(tmp_path, fleet):
    path = tmp_path / "known"
    path.write_text(OTHERS)
    fleet = replace(fleet, known_hosts=str(path))
    host = replace(fleet.hosts["app2"], ssh_port=2222)
    remember(fleet, host, "ssh-ed25519 CCCC")
    kept = OTHERS.replace("[10.0.0.12]:2222 ssh-rsa BBBB\n", "")
    assert path.read_text() == f"{kept}[10.0.0.12]:2222 ssh-ed25519 CCCC\n"


def test_there_is_nothing_to_forget_where_there_is_no_file(home, fleet):
    forget_key(fleet, fleet.hosts["app2"])
    assert not (home / ".ssh").exists()
