"""Somebody else takes a port between its choice and its use."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from bakery.servers import mailbox, postgres, seaweed, valkey
from bakery.servers.ports import free_port
from bakery.servers.process import AddressTaken, DidNotStart, Program
from bakery.servers.starting import TRIES, started, wait_until_up


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody else answers."""
    with socket.socket() as other:
        port = free_port()
        while port >= 65_536 - seaweed.GRPC_ABOVE:
            port = free_port()
        other.bind(("127.0.0.1", port))
        other.listen()
        yield port


@pytest.fixture
def unlucky(monkeypatch, taken):
    """In this module's eyes the taken port is free, the first time it asks."""

    def unlucky(module) -> None:
        ports = [taken]
        name = "_port_with_room" if module is seaweed else "free_port"
        choose = getattr(module, name)
        monkeypatch.setattr(
            module, name, lambda *at: ports.pop() if ports else choose(*at)
        )

    return unlucky


def make_valkey(folder):
    return valkey.valkey(folder)


def make_seaweed(folder):
    return seaweed.seaweed(folder)


def make_mailbox(folder):
    return mailbox.mailbox(folder / "mail")


SERVERS = [
    (valkey, make_valkey),
    (seaweed, make_seaweed),
    (mailbox, make_mailbox),
]


@pytest.mark.parametrize(
    ("module", "make"), SERVERS, ids=lambda each: each.__name__.rpartition(".")[2]
)
def test_a_server_whose_port_is_taken_starts_on_another(
    module, make, unlucky, taken, tmp_path
):
    unlucky(module)
    first = started(lambda: make(tmp_path))
    server = wait_until_up(first, lambda: make(tmp_path))
    program = getattr(server, "program", server)
    try:
        assert server is not first
        assert program.port != taken
        assert program.runs
        assert not getattr(first, "program", first).runs
    finally:
        program.stop()


def test_a_database_whose_port_is_taken_starts_on_another(unlucky, taken):
    unlucky(postgres)
    server = postgres.Postgres()
    try:
        server.start()
        assert server.port not in {taken, 0}
        assert str(server.port) in server.url
    finally:
        server.stop()


def test_who_answers_at_the_port_must_be_the_program_itself(taken, tmp_path):
    """It lives and says nothing; the answer there is another one's."""
    program = Program("sleep", ["sleep", "60"], port=taken, log=tmp_path / "log")
    program.start()
    try:
        with pytest.raises(DidNotStart):
            program.wait_until_up(0.3)
    finally:
        program.kill()


def test_it_is_given_up_after_some_tries(taken, tmp_path):
    made = []

    def make() -> Program:
        words = ["sh", "-c", "echo bind: Address already in use; exit 1"]
        made.append(Program("sh", words, port=taken, log=tmp_path / "log"))
        return made[-1]

    with pytest.raises(AddressTaken, match="Address already in use"):
        wait_until_up(started(make), make)
    assert len(made) == TRIES


def test_another_failure_is_not_tried_again(tmp_path):
    """Its log tells of an earlier start, too, when the address was taken."""
    log = tmp_path / "log"
    log.write_text("bind: Address already in use\n")
    words = ["sh", "-c", "echo no such option; exit 1"]
    program = Program("sh", words, port=free_port(), log=log)
    program.start()
    with pytest.raises(DidNotStart, match="no such option") as failure:
        wait_until_up(program, lambda: pytest.fail("tried again"))
    assert not isinstance(failure.value, AddressTaken)
