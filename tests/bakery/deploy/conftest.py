"""An ssh server of our own on this machine, and hosts that differ by their folders."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest

from bakery.deploy.connection import Remote, remotes_of
from bakery.deploy.fleet_file import Fleet, parse_fleet
from bakery.servers.ports import free_port
from bakery.servers.process import Program
from tests.bakery.deploy.shop import Shop

ADDRESSES = ["127.0.0.1", "127.0.0.2"]
SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
FLEET = """
name = "quick"
site_url = "http://shop.example"
user = "{user}"
path = "{folder}"
python = "{python}"
supervisor = "runit"
ssh_key = "{folder}/key"
known_hosts = "{folder}/known_hosts"

[hosts.app1]
address = "127.0.0.1"
roles = ["web", "work", "balancer"]
ssh_port = {port}

[hosts.app2]
address = "127.0.0.2"
roles = ["web"]
ssh_port = {port}
"""
SERVER = """
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/key.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
MaxStartups 100
Subsystem sftp internal-sftp
"""


def _make_key(path: Path) -> None:
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)]
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL)


def _demand_log_in(folder: Path, port: int) -> None:
    """Some users may run tests and not log in: no shell, or a locked account."""
    user = pwd.getpwuid(os.geteuid()).pw_name
    options = ["BatchMode=yes", f"UserKnownHostsFile={folder}/known_hosts"]
    words = ["ssh", "-F", "none", "-i", str(folder / "key"), "-p", str(port)]
    words += [word for each in options for word in ("-o", each)]
    tried = subprocess.run(
        [*words, f"{user}@127.0.0.1", "true"],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
    )
    if tried.returncode:
        not_here(f"no log-in over ssh for {user}: {tried.stderr.strip()}")


def not_here(reason: str) -> NoReturn:
    """Nobody notices tests that are skipped where every change is tested."""
    if os.environ.get("CI") and os.geteuid() == 0:
        pytest.fail(f"CI has to run these tests, but there is {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def ssh_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A real one, as an ordinary process; its folder has the keys."""
    if SSHD is None or not shutil.which("ssh"):
        not_here("no sshd and ssh here: apt install openssh-server openssh-client")
    folder = tmp_path_factory.mktemp("sshd")
    for name in ("host_key", "key"):
        _make_key(folder / name)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    port = free_port()
    text = SERVER.format(folder=folder)
    text += "".join(f"ListenAddress {each}:{port}\n" for each in ADDRESSES)
    folder.joinpath("sshd_config").write_text(text)
    words = [SSHD, "-D", "-e", "-f", str(folder / "sshd_config")]
    server = Program("sshd", words, port=port, log=folder / "log", folder=folder)
    server.start()
    try:
        server.wait_until_up()
        kind, key = folder.joinpath("host_key.pub").read_text().split()[:2]
        folder.joinpath("known_hosts").write_text(
            "".join(f"[{each}]:{port} {kind} {key}\n" for each in ADDRESSES)
        )
        _demand_log_in(folder, port)
        yield server
    finally:
        server.stop()


@pytest.fixture
def fleet(ssh_server: Program) -> Fleet:
    return parse_fleet(
        FLEET.format(
            user=pwd.getpwuid(os.geteuid()).pw_name,
            folder=ssh_server.folder,
            python=sys.executable,
            port=ssh_server.port,
        )
    )


Maker = Callable[..., dict[str, Remote]]


@pytest.fixture
def make_remotes(fleet: Fleet, tmp_path: Path) -> Iterator[Maker]:
    """Both hosts, each with a folder of its own as its base path."""
    made: list[Remote] = []

    def make(**words: object) -> dict[str, Remote]:
        remotes = remotes_of(fleet, **words)
        for name, remote in remotes.items():
            folder = tmp_path / name
            folder.mkdir(exist_ok=True)
            remote.fleet = replace(fleet, path=str(folder))
            made.append(remote)
        return remotes

    yield make
    for remote in made:
        remote.close()


@pytest.fixture
def remotes(make_remotes: Maker) -> dict[str, Remote]:
    return make_remotes()


@pytest.fixture
def app1(remotes: dict[str, Remote]) -> Remote:
    return remotes["app1"]


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def base(fleet, tmp_path_factory) -> Path:
    """Both hosts' folder, with the fleet's secrets in it."""
    folder = tmp_path_factory.mktemp("base")
    folder.joinpath("shared").mkdir()
    secrets = folder / "shared/environment"
    secrets.touch(mode=0o600)
    return folder


@pytest.fixture
def file(fleet, base, tmp_path) -> Path:
    path = tmp_path / "fleet.toml"
    folder = fleet.path
    path.write_text(fleet.text.replace(f'path = "{folder}"', f'path = "{base}"'))
    return path
