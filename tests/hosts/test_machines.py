"""The hosts themselves: apart from each other, and from this machine."""

from __future__ import annotations

import socket

import pytest

from tests.hosts.machines import Maker

pytestmark = pytest.mark.django_db(databases=[])


def test_hosts_are_machines_of_their_own(hosts: Maker) -> None:
    fleet = hosts(2)
    assert list(fleet.names) == ["app1", "app2", "front"]
    for name in fleet.names:
        assert fleet.ssh(name, "hostname").stdout == f"{name}\n"
    ids = {fleet.ssh(name, "cat /etc/machine-id").stdout for name in fleet.names}
    assert len(ids) == 3
    fleet.ssh("app1", "touch /srv/bakery/only-here")
    assert fleet.ssh("app2", "ls /srv/bakery/only-here", check=False).returncode == 2
    assert (
        "DATABASE_URL="
        in fleet.ssh("app1", "cat /srv/bakery/shared/environment").stdout
    )


def test_hosts_reach_what_the_fleet_shares(hosts: Maker) -> None:
    fleet = hosts(1, balancer=False)
    backends = fleet.backends
    servers = backends.postgres, backends.valkey, backends.s3.program, backends.mail
    for server in servers:
        at = (backends.address, server.port)
        words = f"import socket; socket.create_connection({at})"
        fleet.ssh("app1", f'python3 -c "{words}"')


def test_the_plug_can_be_pulled_and_the_host_boots_again(hosts: Maker) -> None:
    fleet = hosts(1, balancer=False)
    host = fleet["app1"]
    fleet.ssh("app1", "echo kept >/srv/bakery/file")
    host.kill()
    with pytest.raises(OSError, match=r"."):
        socket.create_connection((host.address, 22), timeout=0.5)
    host.start()
    host.wait_for_ssh()
    assert fleet.ssh("app1", "cat /srv/bakery/file").stdout == "kept\n"


def test_the_network_can_be_cut_and_mended(hosts: Maker) -> None:
    fleet = hosts(1, balancer=False)
    fleet["app1"].cut()
    with pytest.raises(OSError, match="timed out"):
        socket.create_connection((fleet["app1"].address, 22), timeout=0.5)
    fleet["app1"].mend()
    assert fleet.ssh("app1", "echo here").stdout == "here\n"
