"""A fleet behind a real ssh server of this machine, with a provider of two programs."""

from __future__ import annotations

import os
import pwd
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bakery.servers.ports import free_port
from bakery.servers.process import Program
from tests.bakery.deploy.conftest import ssh_server  # noqa: F401

RELEASE = "a" * 16
FLEET = """name = "quick"
site_url = "http://shop.example"
user = "{user}"
path = "{base}"
python = "{python}"
supervisor = "runit"
ssh_key = "{keys}/key"
known_hosts = "{folder}/known_hosts"

[hosts.app1]
address = "127.0.0.1"
roles = ["web", "work"]
ssh_port = {port}

[hosts.app2]
address = "127.0.0.2"
roles = ["web"]
ssh_port = {port}
{more}
[provider]
kind = "command"
create = "{folder}/create"
remove = "{folder}/remove"
"""
DEAD = """
[hosts.{name}]
address = "127.0.0.{last}"
roles = ["web"]
ssh_port = {port}
"""
HOST = """CLONE_ID=app1
ROLES=web
SUPERVISOR=runit
BIND=127.0.0.1
SITE_URL=http://shop.example
PORT={port}
"""
PROGRAM = """#!/bin/sh
echo "{word} $*" >>{folder}/told
{does}
"""


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Of every host: they are one machine, and all run the same release."""
    base = tmp_path / "base"
    for name in ("releases/" + RELEASE, "shared"):
        (base / name).mkdir(parents=True)
    base.joinpath("shared/environment").touch(mode=0o600)
    base.joinpath("shared/host").write_text(HOST.format(port=free_port()))
    base.joinpath("current").symlink_to(Path("releases", RELEASE))
    return base


@pytest.fixture
def written(
    tmp_path: Path,
    base: Path,
    ssh_server: Program,  # noqa: F811
) -> Callable[..., Path]:
    """The fleet file: app1 and app2, and so many more that are dead."""

    def write(*dead: str, create: str = "exit 1", remove: str = "") -> Path:
        for word, does in (("create", create), ("remove", remove)):
            path = tmp_path / word
            path.write_text(PROGRAM.format(word=word, folder=tmp_path, does=does))
            path.chmod(0o700)
        port = free_port()
        more = [
            DEAD.format(name=name, last=9 + number, port=port)
            for number, name in enumerate(dead)
        ]
        known = ssh_server.folder.joinpath("known_hosts").read_text()
        tmp_path.joinpath("known_hosts").write_text(known)
        file = tmp_path / "fleet.toml"
        file.write_text(
            FLEET.format(
                user=pwd.getpwuid(os.geteuid()).pw_name,
                base=base,
                python=sys.executable,
                keys=ssh_server.folder,
                folder=tmp_path,
                port=ssh_server.port,
                more="".join(more),
            )
        )
        return file

    return write


@pytest.fixture
def told(tmp_path: Path) -> Callable[[], list[str]]:
    """What the provider's programs were asked for."""
    path = tmp_path / "told"
    return lambda: path.read_text().splitlines() if path.exists() else []
