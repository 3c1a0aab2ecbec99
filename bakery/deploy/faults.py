"""What is wrong in a fleet file: where it stands, and what to write instead."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from bakery.deploy.schema import ANY_NAME, Key, schema
from bakery.deploy.where import Path, line_of, lines_of

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,62}")
# What HAProxy's statistics and the balancer's file call things of their own.
TAKEN = re.compile(r"frontend|backend|.*-unchecked", re.IGNORECASE)
SITE = re.compile(r"https?://[A-Za-z0-9._:\[\]-]+/?")
SHARE = re.compile(r"(\d{1,3})%")


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, for the person who wrote the file."""

    line: int
    wrong: str
    remedy: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.wrong}\n  {self.remedy}"


class FleetFileError(Exception):
    """The fleet file cannot be used; .faults has all that was found."""

    def __init__(self, path: object, faults: Iterable[Fault]) -> None:
        self.faults = sorted(faults, key=lambda fault: fault.line)
        super().__init__(
            "\n".join(
                [f"The fleet file {path} cannot be used.", *map(str, self.faults)]
            )
        )


def faults_in(data: dict[str, Any], text: str) -> Iterator[Fault]:
    """What the schema says against the data: names, kinds, values, what is missing."""
    yield from _in_table((), data, lines_of(text))


def _in_table(path: Path, inside: dict[str, Any], lines: dict) -> Iterator[Fault]:
    keys = schema().tables.get(schema().path_of(path), {})
    for name, key in keys.items():
        if key.required and name not in inside:
            wrong, line = f"{dotted((*path, name))} is missing", line_of(lines, path)
            yield Fault(line, wrong, f"For example: {key.shown(name)}")
    for name, value in inside.items():
        here = (*path, name)
        line = line_of(lines, here)
        if isinstance(value, dict) and _is_table(here):
            yield from _in_table(here, value, lines)
        elif _is_table(here):
            remedy = f"Write the header of a table: [{dotted(here)}]"
            yield Fault(line, f"{dotted(here)} has to be a table", remedy)
        elif name in keys and keys[name].wrong(value):
            yield _wrong_value(line, here, keys[name], value)
        elif name not in keys:
            yield _unknown(line, here)


def _is_table(path: Path) -> bool:
    known = schema().tables
    return schema().path_of(path) is not None or any(
        table[: len(path)] == path and len(table) > len(path) for table in known
    )


def _wrong_value(line: int, path: Path, key: Key, value: Any) -> Fault:
    wrong = f"{dotted(path)} {key.wrong(value)}"
    if key.allowed:
        return Fault(line, wrong, f"One of: {', '.join(key.allowed)}.")
    return Fault(line, wrong, f"For example: {key.shown(path[-1])}")


def _unknown(line: int, path: Path) -> Fault:
    table = schema().path_of(path[:-1])
    known = set(schema().tables.get(table, {}))
    known |= {
        each[len(path) - 1]
        for each in schema().tables
        if len(each) >= len(path) and each[: len(path) - 1] == path[:-1]
    } - {ANY_NAME}
    near = difflib.get_close_matches(path[-1], known, n=1)
    remedy = (
        f"Did you mean {near[0]!r}?"
        if near
        else f"Known here: {', '.join(sorted(known)) or 'nothing'}."
    )
    return Fault(line, f"nothing is called {dotted(path)}", remedy)


def dotted(path: Path) -> str:
    return ".".join(path)


def faults_of_sense(data: dict[str, Any], text: str) -> Iterator[Fault]:
    """What each value by itself cannot show. The data has no faults_in()."""
    lines = lines_of(text)
    yield from _faults_of_values(data, lines)
    hosts = data.get("hosts", {})
    for role, why in [
        ("web", "nobody would answer shoppers"),
        ("work", "nobody would send mails"),
    ]:
        if not any(role in host["roles"] for host in hosts.values()):
            wrong = f"no host has the role {role!r}: {why}"
            remedy = f'Give one host at least: roles = ["{role}"]'
            yield Fault(line_of(lines, ("hosts",)), wrong, remedy)
    seen: dict[tuple[str, int], str] = {}
    for name, host in hosts.items():
        yield from _faults_of_host(name, host, lines)
        where = (host["address"], host.get("ssh_port", 22))
        if where in seen:
            yield Fault(
                line_of(lines, ("hosts", name, "address")),
                f"{name} and {seen[where]} are the same machine",
                "Give each host an address of its own; one host may have all roles.",
            )
        seen.setdefault(where, name)


def _faults_of_values(data: dict[str, Any], lines: dict) -> Iterator[Fault]:
    if not SITE.fullmatch(data["site_url"]):
        yield Fault(
            line_of(lines, ("site_url",)),
            "site_url is no address of a site",
            'Write scheme and host, nothing behind: site_url = "https://shop.example"',
        )
    if not re.fullmatch(r"/[A-Za-z0-9/._-]+", data.get("path", "/srv/bakery")):
        yield Fault(
            line_of(lines, ("path",)),
            "path has to be absolute, of letters, digits and . _ -",
            'For example: path = "/srv/bakery"',
        )
    batch = data.get("batch", 1)
    share = SHARE.fullmatch(str(batch))
    number = int(share[1]) if share else batch
    if isinstance(number, str) or not 0 < number <= (100 if share else 10_000):
        yield Fault(
            line_of(lines, ("batch",)),
            f"batch cannot be {batch!r}",
            'A share like batch = "25%", or a number like batch = 2',
        )


def _faults_of_host(name: str, host: dict[str, Any], lines: dict) -> Iterator[Fault]:
    line = line_of(lines, ("hosts", name))
    if not NAME.fullmatch(name):
        remedy = "A name has letters, digits, dots and hyphens, 63 at most."
        yield Fault(line, f"a host cannot be called {name!r}", remedy)
    elif TAKEN.fullmatch(name):
        wrong = f"a host cannot be called {name!r}: the balancer calls its own so"
        yield Fault(line, wrong, "Any other name: app1, front, north ...")
    if len(set(host["roles"])) < len(host["roles"]):
        yield Fault(line, f"{name} has a role twice", "Name each role once.")
    yield from _faults_of_address(name, host, lines)


def _faults_of_address(name: str, host: dict[str, Any], lines: dict) -> Iterator[Fault]:
    """The others trust what comes from a balancer's address: no name will do."""
    address, line = host["address"], line_of(lines, ("hosts", name, "address"))
    with suppress(ValueError):
        ip_address(address)
        return
    if "balancer" in host["roles"]:
        wrong = f"the balancer {name} has to have an IP address, not {address!r}"
        yield Fault(line, wrong, 'For example: address = "10.0.0.10"')
    elif ":" in address:
        remedy = "A port stands by itself: port = 8000, ssh_port = 22"
        yield Fault(line, f"{address!r} is no address of a host", remedy)
