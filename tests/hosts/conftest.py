"""Hosts on this machine for the tests in this folder: see machines.py."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.hosts.machines import Hosts, Maker, fleet_of_hosts, roles_of, why_not


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """None where the machine lets nobody make hosts."""
    ours = [item for item in items if Path(__file__).parent in item.path.parents]
    reason = why_not() if ours else ""
    for item in ours:
        item.add_marker(pytest.mark.hosts)
        item.add_marker(pytest.mark.fleet)
        item.add_marker(pytest.mark.slow)
        if reason:
            item.add_marker(pytest.mark.skip(reason=f"no hosts here: {reason}"))


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[Maker]:
    """hosts(4): started hosts app1 to app4 and front, which balances; with backends."""
    with ExitStack() as stack:

        def make(number: int, *, balancer: bool = True, **words: object) -> Hosts:
            folder = tmp_path / f"operator{len(list(tmp_path.iterdir()))}"
            folder.mkdir()
            roles = roles_of(number, balancer=balancer)
            return stack.enter_context(fleet_of_hosts(folder, roles, **words))

        yield make
