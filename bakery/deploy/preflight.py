"""What must hold on every host before anything is changed. Pure: states in, faults out.

A state is what a host says of itself (`python3 -m bakery.host state`).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from bakery.deploy.record import Entry

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


@dataclass(frozen=True)
class Situation:
    """Which release the hosts are on, and to which a failure goes back."""

    former: dict[str, str]  # by host; "" for a new one
    interrupted: Entry | None = None

    def before(self, host: str, release: str) -> str:
        """Where this host goes back to: never to what is being brought.

        After an interrupted deploy it is the release of before that one.
        """
        own = self.former[host]
        if own and own != release:
            return own
        if self.interrupted and self.interrupted.former != release:
            return self.interrupted.former
        others = Counter(
            each for each in self.former.values() if each not in ("", release)
        )
        return others.most_common(1)[0][0] if others else ""


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
        if state.get("disk_free_bytes", ROOM) < ROOM:
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


def faults_of_mixture(
    states: States, release: str, interrupted: Entry | None
) -> Iterator[Fault]:
    """Hosts on several releases, unless an interrupted deploy explains them all.

    It is finished by deploying its release, and undone by deploying the former one.
    """
    known = {name: str(state.get("current") or "") for name, state in states.items()}
    present = {each for each in known.values() if each}
    if len(present) < 2:
        return
    explained = {interrupted.release, interrupted.former} if interrupted else set()
    told = "; ".join(
        f"{each} on {', '.join(n for n, r in known.items() if r == each)}"
        for each in sorted(present)
    )
    if not present <= explained:
        yield Fault(
            "fleet",
            f"hosts run different releases, and no deploy of ours explains it: {told}",
            "Find out who did that. `deploy --mixed` brings them to one release.",
        )
    elif release not in explained:
        yield Fault(
            "fleet",
            f"a {interrupted.kind} of {interrupted.owner} was interrupted at "
            f"{interrupted.at}: {told}",
            f"Finish it (`deploy {interrupted.release}`), or undo it (`rollback`).",
        )


def releases_by_host(states: States) -> dict[str, str]:
    return {name: str(state.get("current") or "") for name, state in states.items()}
