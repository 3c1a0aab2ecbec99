"""The servers of a network of hosts let in who has a password, and nobody else."""

from __future__ import annotations

import os
import socket
import struct
from pathlib import Path

import psycopg
import pytest
import redis

from bakery.servers import seaweed as module
from bakery.servers.ports import free_port
from bakery.servers.postgres import Postgres
from bakery.servers.seaweed import GRPC_ABOVE, seaweed, socket_of
from bakery.servers.valkey import valkey

OF_A_NETWORK = "127.0.0.9"
OF_ANOTHER = "127.0.8.1"


@pytest.fixture(scope="module")
def postgres():
    server = Postgres(address=OF_A_NETWORK)
    try:
        yield server.start()
    finally:
        server.stop()


def test_who_has_the_password_is_let_in(postgres):
    with psycopg.connect(postgres.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize("password", ["", ":wrong"])
def test_who_has_not_is_refused(postgres, password):
    where = f"@{postgres.address}:{postgres.port}/bakery"
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://bakery{password}{where}")
    kept = postgres.home / "password"
    assert kept.stat().st_mode & 0o777 == 0o600


def greeted(server: Postgres, source: str) -> bytes:
    """What it says to somebody at this address who wants to begin."""
    words = b"user\0bakery\0database\0bakery\0\0"
    begin = struct.pack("!ii", 8 + len(words), 3 << 16) + words
    where = (server.address, server.port)
    with socket.create_connection(where, 5, (source, 0)) as door:
        door.sendall(begin)
        return door.recv(1000)


def test_who_comes_from_another_network_is_refused_whatever_he_has(postgres):
    assert b"SCRAM-SHA-256" in greeted(postgres, OF_A_NETWORK)
    assert b"no pg_hba.conf entry" in greeted(postgres, OF_ANOTHER)


def test_its_url_on_loopback_is_as_before():
    assert Postgres().url == "postgresql://bakery@127.0.0.1:0/bakery"


def test_a_cache_with_a_password_answers_nobody_without(tmp_path):
    server = valkey(tmp_path, OF_A_NETWORK, "let-me-in")
    server.start()
    try:
        server.wait_until_up()
        where = {"host": server.address, "port": server.port}
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(**where).ping()
        assert redis.Redis(**where, password="let-me-in").ping()
        assert (
            "let-me-in" not in Path(f"/proc/{server.process.pid}/cmdline").read_text()
        )
        assert tmp_path.joinpath("valkey.conf").stat().st_mode & 0o777 == 0o600
    finally:
        server.stop()


def test_a_storage_leaves_none_of_its_sockets_behind(tmp_path):
    server = seaweed(tmp_path)
    sockets = server.program.sockets
    server.start()
    try:
        server.wait_until_up()
        server.make_bucket("loaves")
        pid = server.program.process.pid
        used = {
            line.split()[-1]
            for line in Path("/proc/net/unix").read_text().splitlines()
            if "/tmp/seaweedfs-" in line
        }
        assert any(str(path) in used for path in sockets), pid
    finally:
        server.program.stop()
    assert [path for path in sockets if path.exists()] == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make another's file")
def test_a_port_whose_socket_is_another_s_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "SOCKETS", tmp_path)
    given = [free_port() for _ in range(3)]
    given = [port for port in given if port < 65_536 - GRPC_ABOVE] or [40_000]
    others = socket_of("s3", given[0])
    others.touch()
    os.chown(others, 65534, 65534)
    offered = iter([given[0], 40_001])
    monkeypatch.setattr(module, "free_port", lambda address: next(offered))
    assert module._port_with_room("s3", "127.0.0.1") == 40_001
