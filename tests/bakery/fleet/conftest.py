"""The balancer in front of one clone, for the tests that ask it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bakery.fleet.balancer import Balancer, Clone, configuration
from bakery.servers.haproxy import haproxy
from bakery.servers.ports import free_port
from bakery.servers.process import Program
from bakery.servers.starting import started, wait_until_up
from basket import tokens
from tests.bakery.fleet.fronted import Behind, Front


@pytest.fixture
def clone() -> Iterator[Behind]:
    clone = Behind()
    yield clone
    clone.server.shutdown()
    clone.server.server_close()


@pytest.fixture
def key(settings) -> bytes:
    settings.SECRET_KEY = "the balancer and its clones have this one"
    return tokens.signing_key()


@pytest.fixture
def balance(tmp_path, clone, key) -> Iterator[Callable[..., Front]]:
    """Starts the balancer, with such facts."""
    programs: list[Program] = []

    def front(**facts: object) -> Front:
        def make() -> Program:
            port = free_port()
            told = Balancer(
                bind=f"127.0.0.1:{port}",
                socket=tmp_path / "sock",
                clones=[Clone("clone-1", f"127.0.0.1:{clone.server.server_port}")],
                basket_key=key,
                slots=64,
                **facts,
            )
            path = Path(tmp_path / "haproxy.cfg")
            path.write_text(configuration(told))
            return haproxy(path, port=port, log=tmp_path / "balancer.log")

        programs.append(wait_until_up(started(make), make))
        return Front(programs[-1])

    yield front
    for program in programs:
        program.stop()


@pytest.fixture
def balancer(balance) -> Front:
    return balance()
