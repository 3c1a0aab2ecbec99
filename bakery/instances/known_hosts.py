"""The ssh keys of hosts that come and go, in the file by which they are known."""

from __future__ import annotations

from pathlib import Path

from bakery.deploy.addresses import known_as
from bakery.deploy.fleet_file import Fleet, Host
from bakery.host.disk import write_whole

OF_SSH = "~/.ssh/known_hosts"  # where ssh itself looks, and so do we


def file_of(fleet: Fleet) -> Path:
    """The fleet's own, or else that of whoever deploys."""
    return Path(fleet.known_hosts or OF_SSH).expanduser().resolve()


def remember(fleet: Fleet, host: Host, key: str) -> None:
    """Let this be the host's key; one of an earlier machine at its address goes."""
    path = file_of(fleet)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = known_as(host.address, host.ssh_port)
    _write(path, [*_of_others(path, name), f"{name} {key}\n"])


def forget_key(fleet: Fleet, host: Host) -> None:
    """The next machine at its address will have another key. Repeatable."""
    path = file_of(fleet)
    kept = _of_others(path, known_as(host.address, host.ssh_port))
    if path.is_file():
        _write(path, kept)


def _of_others(path: Path, name: str) -> list[str]:
    lines = path.read_text().splitlines() if path.is_file() else []
    return [f"{line}\n" for line in lines if line.split(" ")[0] != name]


def _write(path: Path, lines: list[str]) -> None:
    mode = path.stat().st_mode & 0o777 if path.is_file() else 0o600
    write_whole(path, "".join(lines), mode)
