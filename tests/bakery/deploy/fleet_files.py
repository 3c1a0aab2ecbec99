"""A small fleet file, changed by tests, and what is found wrong with it."""

from __future__ import annotations

import pytest

from bakery.deploy.fleet_file import Fault, FleetFileError, parse_fleet

SMALLEST = """\
name = "try"
site_url = "https://shop.example/"

[hosts.app1]
address = "10.0.0.1"
roles = ["web", "work"]
"""


def faults(text: str) -> list[Fault]:
    with pytest.raises(FleetFileError) as refused:
        parse_fleet(text)
    return refused.value.faults


def only_fault(text: str) -> Fault:
    [fault] = faults(text)
    return fault


def with_line(line: str) -> str:
    """The smallest file with this line, in place of its own one of that name."""
    if line.startswith("["):
        return f"{SMALLEST}{line}\n"
    key = line.split(" ")[0]
    rest = [x for x in SMALLEST.splitlines() if not x.startswith(key)]
    return "\n".join([line, *rest, ""])
