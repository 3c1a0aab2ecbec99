"""Hosts put into the text of a fleet file and taken out of it; remarks stay. Pure."""

from __future__ import annotations

import re

from bakery.deploy.addresses import SSH_PORT
from bakery.deploy.faults import FleetFileError
from bakery.deploy.fleet_file import Fleet, Host, parse_fleet

HEADER = re.compile(r"^\s*\[")


class EditByHand(Exception):
    """The file is written in a way that is not understood; says what to write in it."""


def with_host(fleet: Fleet, name: str, address: str, like: Host) -> Fleet:
    """The fleet with a web host more, of the same size as another one.

    It comes after the last host. Raises EditByHand, and FleetFileError for a name that
    no host can have.
    """
    table = (
        f'[hosts.{name}]\naddress = "{address}"\nroles = ["web"]\n'
        f"port = {like.port}\nworkers = {like.workers}\nthreads = {like.threads}\n"
    )
    if like.ssh_port != SSH_PORT:
        table += f"ssh_port = {like.ssh_port}\n"
    by_hand = f"Write this into the fleet file yourself:\n{table}"
    lines = fleet.text.splitlines(keepends=True)
    tables = [_table(lines, host) for host in fleet.hosts]
    if None in tables:
        raise EditByHand(by_hand)
    end = max(end for _, end in tables)
    text = "".join(lines[:end]).rstrip("\n") + f"\n\n{table}" + "".join(lines[end:])
    try:
        made = parse_fleet(text)
    except FleetFileError as error:
        if any("cannot be called" in str(fault) for fault in error.faults):
            raise
        raise EditByHand(by_hand) from error
    if list(made.hosts) != [*fleet.hosts, name]:
        raise EditByHand(by_hand)
    return made


def without_host(fleet: Fleet, name: str) -> Fleet:
    """The fleet without this host. Raises EditByHand."""
    lines = fleet.text.splitlines(keepends=True)
    found = _table(lines, name)
    told = f"Take the host {name} out of the fleet file yourself."
    if found is None:
        raise EditByHand(told)
    start, end = found
    while start and not lines[start - 1].strip():
        start -= 1
    try:
        made = parse_fleet("".join(lines[:start] + lines[end:]))
    except FleetFileError as error:
        raise EditByHand(told) from error
    if list(made.hosts) != [host for host in fleet.hosts if host != name]:
        raise EditByHand(told)
    return made


def _table(lines: list[str], name: str) -> tuple[int, int] | None:
    """From the line [hosts.NAME] to its last value; remarks behind belong to others."""
    header = re.compile(rf"""^\s*\[\s*hosts\s*\.\s*["']?{re.escape(name)}["']?\s*\]""")
    starts = [number for number, line in enumerate(lines) if header.match(line)]
    if len(starts) != 1:
        return None
    rest = range(starts[0] + 1, len(lines))
    end = next((n for n in rest if HEADER.match(lines[n])), len(lines))
    while end > starts[0] + 1 and _is_no_value(lines[end - 1]):
        end -= 1
    return starts[0], end


def _is_no_value(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")
