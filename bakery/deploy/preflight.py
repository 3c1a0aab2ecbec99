"""What must hold on every host before anything is changed. Pure: states in, faults out.

A state is what a host says of itself (`python3 -m bakery.host state`).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from bakery.deploy.fleet_file import Fleet

ROOM = 400_000_000  # bytes for a release, and for an environment beside the old one
CLOCK_SECONDS = 5  # by which clocks may differ: sessions and holds are about minutes
States = Mapping[str, Mapping[str, Any]]


class Fault(NamedTuple):
    """What is wrong on a host and what to do about it."""

    host: str
    wrong: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.host}: {self.wrong}\n  {self.remedy}"


def faults_of_hosts(
    states: States, python: str, now: float | None = None
) -> Iterator[Fault]:
    """Python of the hosts, room, the shared environment, clocks."""
    now = time.time() if now is None else now
    for host, state in states.items():
        found = str(state.get("python", ""))
        if python and not found.startswith(f"{python}."):
            yield Fault(
                host,
                f"its Python is {found}, and the release is for {python}",
                f'Install python{python} there: python = "python{python}" in the '
                "fleet file.",
            )
        if has_no_room(state):
            free = state["disk_free_bytes"] / 1e6
            yield Fault(
                host,
                f"{free:.0f} MB are free, {ROOM / 1e6:.0f} are needed",
                "Make room, or keep fewer releases (`keep` in the fleet file).",
            )
        yield from _environment_file(host, state)
        if "clock" in state and abs(state["clock"] - now) > CLOCK_SECONDS:
            yield Fault(
                host,
                f"its clock differs by {state['clock'] - now:+.0f} s from ours",
                "Let both have the time from the network (chrony, systemd-timesyncd).",
            )


def _environment_file(host: str, state: Mapping[str, Any]) -> Iterator[Fault]:
    remedies = {
        "missing": "Put the fleet's secrets there, KEY=VALUE lines, mode 600: "
        "SECRET_KEY, DATABASE_URL, STORAGE_URL ...",
        "readable by others": "chmod 600 shared/environment",
    }
    found = state.get("environment_file", "there")
    if found in remedies:
        yield Fault(host, f"shared/environment is {found}", remedies[found])


def has_no_room(state: Mapping[str, Any]) -> bool:
    return state.get("disk_free_bytes", ROOM) < ROOM


def faults_of_secrets(states: States) -> Iterator[Fault]:
    """One key for all: a shopper's basket and log-in are signed with it."""
    known = {
        name: state["environment_id"]
        for name, state in states.items()
        if state.get("environment_id")
    }
    usual = Counter(known.values()).most_common(1)
    for name, found in known.items():
        if found != usual[0][0]:
            others = [each for each, its in known.items() if its == usual[0][0]]
            yield Fault(
                name,
                f"its shared/environment is not that of {', '.join(others)}",
                "Copy theirs: it is the same file on every host. Then say `deploy` "
                "again: services read it when they start.",
            )


def faults_of_ports(states: States, fleet: Fleet) -> Iterator[Fault]:
    """Balancers go on asking the former port until the end of a deploy."""
    for host in fleet.web:
        state = states.get(host.name, {})
        before = state.get("port") or host.port
        if before != host.port and state.get("services", {}).get("web"):
            yield Fault(
                host.name,
                f"it answers on port {before}, and the fleet file says {host.port}",
                f"Leave `port = {before}`, or take the host out of the file, deploy, "
                "and bring it back under another name.",
            )


def faults_of_file(states: States, fleet: Fleet, *, fewer: bool) -> Iterator[Fault]:
    """Is ours the file that the fleet has, or an older one?

    The first host tells: it keeps the lock, so it hears of every change.
    """
    first = next(iter(fleet.hosts))
    keepers = [n for n, s in states.items() if s.get("hosts")]
    if not keepers:
        return
    keeper = first if first in keepers else keepers[0]
    there = states[keeper]["hosts"]
    gone = [name for name in there if name not in fleet.hosts]
    if gone and not fewer:
        yield Fault(
            keeper,
            f"{', '.join(gone)}: in the fleet's own file ({keeper}, "
            "shared/fleet.toml) and not in yours",
            "Take the file from there, or say --fewer: they get no more shoppers.",
        )
    if there[0] != first and there[0] in fleet.hosts:
        yield Fault(
            keeper,
            f"the first host is {there[0]} in the fleet's own file, and {first} in "
            "yours: it keeps the lock and the record",
            f"Let [hosts.{there[0]}] be the first in your file.",
        )


def faults_of_absence(fleet: Fleet, without: Collection[str]) -> Iterator[Fault]:
    """Who may be left out of a deploy: few, and not who keeps the lock."""
    remedy = "Mend that host first, or take it out of the fleet file."
    first = next(iter(fleet.hosts))
    for name in without:
        if name not in fleet.hosts:
            known = ", ".join(fleet.hosts)
            yield Fault(name, "there is no such host", f"One of: {known}.")
    if first in without:
        yield Fault(first, "it keeps the lock and the record", remedy)
    web = [host.name for host in fleet.web]
    left = [name for name in web if name in without]
    if left and (len(left) > fleet.at_once(len(web)) or len(left) == len(web)):
        told = f"{len(left)} of {len(web)} web hosts would be left out"
        yield Fault(", ".join(left), f"{told}: more than a batch", remedy)
