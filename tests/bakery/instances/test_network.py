"""Networks of this machine: their addresses, and what is left of those that ended."""

from __future__ import annotations

import ipaddress
import os
import subprocess
from pathlib import Path

import pytest

from bakery.image.folders import NotOurs
from bakery.instances.network import (
    NUMBERS,
    Network,
    NoHosts,
    _clean,
    network_of,
    open_network,
)

NOBODYS = 255  # beyond those that are used
MOUNTS = os.geteuid() == 0 and Path("/proc/self/mounts").exists()


def test_addresses_are_of_the_networks_for_trying_out():
    apart = ipaddress.ip_network("198.18.0.0/15")
    for number in NUMBERS:
        range = ipaddress.ip_network(Network(number, Path()).range)
        assert range.subnet_of(apart)


def test_a_network_is_found_by_an_address_in_it(tmp_path):
    (tmp_path / "7").mkdir()
    assert network_of("198.18.7.12", tmp_path).folder == tmp_path / "7"
    for other in ("198.18.8.12", "198.19.7.12", "10.0.0.7", "front.example"):
        with pytest.raises(NoHosts, match="no host on this machine"):
            network_of(other, tmp_path)


def test_no_network_lies_where_others_may_write(tmp_path):
    tmp_path.chmod(0o777)
    with pytest.raises(NotOurs):
        open_network(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not MOUNTS, reason="only root mounts")
def test_what_an_owner_who_is_gone_had_mounted_is_unmounted(tmp_path):
    """Also though its lock lies in what is unmounted, and is held meanwhile."""
    folder = tmp_path / str(NOBODYS)
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "hosts", str(folder)]
    mounted = subprocess.run(words, check=False, capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(mounted.stderr)
    try:
        (folder / "owner").touch()
        _clean(tmp_path)
        assert str(folder) not in Path("/proc/self/mounts").read_text()
        assert not folder.exists()
    finally:
        subprocess.run(["umount", "-q", "-l", folder], check=False)
