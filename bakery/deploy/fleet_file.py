"""The fleet file: which hosts there are and how releases reach them.

Reads with nothing but the standard library: hosts read it too, before they have more.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bakery.deploy.faults import (
    SHARE,
    Fault,
    FleetFileError,
    faults_in,
    faults_of_sense,
)
from bakery.deploy.schema import ANY_NAME, Table, schema

__all__ = ["Fault", "Fleet", "FleetFileError", "Host", "parse_fleet", "read_fleet"]


@dataclass(frozen=True)
class Host:
    """A machine of the fleet; its name is its CLONE_ID."""

    name: str
    address: str
    roles: frozenset[str]
    port: int
    bind: str
    ssh_port: int
    workers: int
    threads: int


@dataclass(frozen=True)
class Canary:
    """The first host of a release; share and errors in percent."""

    share: int
    seconds: float
    errors: float
    slower: float


@dataclass(frozen=True)
class Balancing:
    """How the hosts with the role "balancer" listen and choose."""

    bind: str
    certificate: str
    balance: str
    requests_per_10s: int


@dataclass(frozen=True)
class Provider:
    """Where new hosts come from."""

    kind: str
    create: str
    remove: str


@dataclass(frozen=True)
class Fleet:
    """What the file says, defaults filled in. Hosts are in the file's order."""

    name: str
    site_url: str
    user: str
    path: str
    python: str
    supervisor: str
    ssh_key: str
    known_hosts: str
    batch: str | int
    keep: int
    hosts: dict[str, Host]
    canary: Canary
    balancer: Balancing
    hooks: dict[str, str]
    provider: Provider
    text: str  # of the file itself, as hosts get it

    @property
    def web(self) -> list[Host]:
        return self._with("web")

    @property
    def work(self) -> list[Host]:
        return self._with("work")

    @property
    def balancers(self) -> list[Host]:
        return self._with("balancer")

    def at_once(self, hosts: int) -> int:
        """How many of so many hosts are switched at the same time; one at least."""
        share = SHARE.fullmatch(str(self.batch))
        return max(1, hosts * int(share[1]) // 100 if share else int(self.batch))

    def _with(self, role: str) -> list[Host]:
        return [host for host in self.hosts.values() if role in host.roles]


def read_fleet(path: Path | str) -> Fleet:
    """Raises FleetFileError with all faults that are found, OSError without a file."""
    try:
        return parse_fleet(Path(path).read_text(encoding="utf-8"), path)
    except UnicodeDecodeError as error:
        fault = Fault(1, f"this is no text in UTF-8: {error}", "Save it as UTF-8.")
        raise FleetFileError(path, [fault]) from error


def parse_fleet(text: str, name: object = "fleet.toml") -> Fleet:
    """The same for a text. Raises FleetFileError; the name is for its words."""
    data = _parsed(text, name)
    faults = list(faults_in(data, text))
    if not faults:
        faults = list(faults_of_sense(data, text))
    if faults:
        raise FleetFileError(name, faults)
    return _fleet(data, text)


def _parsed(text: str, name: object) -> dict[str, Any]:
    """The file's data. Raises FleetFileError for what is no TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line (\d+)", str(error))
        line = int(place[1]) if place else len(text.splitlines()) or 1
        remedy = "Compare it with fleet.example.toml; texts stand in quotes."
        fault = Fault(line, f"this is no TOML: {error}", remedy)
        raise FleetFileError(name, [fault]) from error


def _fleet(data: dict[str, Any], text: str) -> Fleet:
    hosts = {name: _host(name, given) for name, given in data["hosts"].items()}
    facts = _filled((), {k: v for k, v in data.items() if not isinstance(v, dict)})
    facts["site_url"] = facts["site_url"].rstrip("/")
    return Fleet(
        **facts,
        hosts=hosts,
        canary=Canary(**_filled(("canary",), data.get("canary", {}))),
        balancer=Balancing(**_filled(("balancer",), data.get("balancer", {}))),
        hooks={k: v for k, v in data.get("hooks", {}).items() if v},
        provider=Provider(**_filled(("provider",), data.get("provider", {}))),
        text=text,
    )


def _host(name: str, given: dict[str, Any]) -> Host:
    facts = _filled(("hosts", ANY_NAME), given)
    return Host(name=name, **facts | {"roles": frozenset(facts["roles"])})


def _filled(path: tuple[str, ...], given: dict[str, Any]) -> dict[str, Any]:
    table: Table = schema().tables[path]
    return {name: given.get(name, key.default) for name, key in table.items()}
