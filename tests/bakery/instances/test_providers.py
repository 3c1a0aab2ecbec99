"""Programs of the operator's that make hosts: what they say, and what they leave."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from bakery.deploy.fleet_file import Provider, parse_fleet
from bakery.instances.network import NoHosts
from bakery.instances.providers import Commands, Made
from tests.bakery.instances.test_fleet_text import TEXT


@pytest.fixture
def provider(tmp_path: Path):
    def make(create: str, seconds: float = 20) -> Commands:
        program, removes = tmp_path / "create", tmp_path / "remove"
        program.write_text(f"#!/bin/sh\n{create}\n")
        removes.write_text(f"#!/bin/sh\necho $1 >>{tmp_path}/removed\n")
        for path in (program, removes):
            path.chmod(0o700)
        named = Provider("command", str(program), str(removes))
        return Commands(replace(parse_fleet(TEXT), provider=named), seconds)

    return make


def removed(folder: Path) -> list[str]:
    path = folder / "removed"
    return path.read_text().splitlines() if path.exists() else []


@pytest.mark.parametrize(
    ("said", "made"),
    [
        ("10.0.0.9", Made("10.0.0.9", "")),
        ("10.0.0.9\nssh-ed25519 AAAA=", Made("10.0.0.9", "ssh-ed25519 AAAA=")),
        (
            "10.0.0.9\necdsa-sha2-nistp256 AA+/",
            Made("10.0.0.9", "ecdsa-sha2-nistp256 AA+/"),
        ),
        ("10.0.0.9\nI am ready", Made("10.0.0.9", "")),
    ],
)
def test_it_says_the_address_and_the_key_if_it_knows_it(provider, said, made):
    assert provider(f"printf '{said}\\n'").create("app9") == made


def test_a_host_that_is_not_done_in_time_is_removed(provider, tmp_path):
    with pytest.raises(NoHosts, match="was not done after 0 s"):
        provider("exec sleep 60", seconds=0.3).create("app9")
    assert removed(tmp_path) == ["app9"]


def test_a_host_without_an_address_is_removed(provider, tmp_path):
    with pytest.raises(NoHosts, match="printed no address"):
        provider("true").create("app9")
    assert removed(tmp_path) == ["app9"]


def test_a_program_that_failed_has_left_nothing(provider, tmp_path):
    with pytest.raises(NoHosts, match="no more machines"):
        provider("echo no more machines >&2; exit 3").create("app9")
    assert removed(tmp_path) == []
    shutil.rmtree(tmp_path / "create", ignore_errors=True)
