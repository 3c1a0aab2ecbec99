"""Chooses what to migrate now, and holds back what living servers still need."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import NamedTuple

from bakery import living
from bakery.living import Server
from bakery.models import Contracted
from bakery.phases import (
    Name,
    Step,
    allowed,
    applied,
    contract_names,
    contracting,
    expanding,
    known,
    label,
    missing_steps,
)

HEARTBEATS = ("bakery", "0003_releases")


class Phase(StrEnum):
    """Which of the missing migrations are wanted."""

    EXPAND = "expand"  # what this release needs
    CONTRACT = "contract"  # what takes away, with whatever must come before it
    ALL = "all"  # both, and what may not be taken away yet is left for later


class Choice(NamedTuple):
    """What is done now, and what waits for servers of older releases."""

    now: list[Step]
    later: list[Step]


class StillNeeded(Exception):
    """Living servers need what a migration takes away. Nothing was changed."""

    def __init__(self, needed: dict[Name, list[Server]]) -> None:
        self.needed = needed
        steps = ", ".join(label(name) for name in needed)
        who = {str(server) for servers in needed.values() for server in servers}
        super().__init__(
            f"{steps} would take away what these servers still need: "
            f"{', '.join(sorted(who))}."
        )


class Refused(Exception):
    """Migrations that would break or hold up the servers that sell."""

    def __init__(self, refusals: Collection[object]) -> None:
        self.refusals = list(refusals)
        lines = "\n".join(f"  {refusal}" for refusal in self.refusals)
        super().__init__(
            f"{len(self.refusals)} refused beside servers that sell:\n{lines}"
        )


def choose(phase: Phase) -> Choice:
    """What to migrate now. Reads only; call it where nobody else migrates.

    Raises StillNeeded if the phase cannot be reached without taking something away
    from a living server, and Refused if a migration must not run beside any server.
    """
    had = applied()
    steps = missing_steps(had)
    needed = needed_by_servers(steps, had)
    wanted = {
        Phase.EXPAND: expanding(steps),
        Phase.CONTRACT: contracting(steps),
        Phase.ALL: allowed(steps, needed) if needed else steps,
    }[phase]
    must = expanding(steps) if phase is Phase.ALL else wanted
    held = {step.name: needed[step.name] for step in must if step.name in needed}
    if held:
        raise StillNeeded(held)
    if phase is not Phase.ALL and had:
        _demand_harmless(wanted)
    later = [step for step in steps if step.is_contract and step not in wanted]
    return Choice(wanted, later)


def _demand_harmless(steps: Collection[Step]) -> None:
    from bakery.migration_rules.judging import judge_some

    refusals = judge_some(known(), [step.name for step in steps])
    if refusals:
        raise Refused(refusals)


def needed_by_servers(
    steps: Collection[Step], had: Collection[Name]
) -> dict[Name, list[Server]]:
    """Which contract migrations living servers cannot do without yet, and which."""
    if HEARTBEATS not in had:
        return {}
    servers = living.servers()
    found = {
        step.name: [each for each in servers if str(step) not in each.can_do_without]
        for step in steps
        if step.is_contract
    }
    return {name: servers for name, servers in found.items() if servers}


def note_contracted() -> None:
    """Write down which contract migrations the database has had. Repeatable."""
    done = {label(name) for name in applied()} & set(contract_names())
    Contracted.objects.bulk_create(
        [Contracted(migration=name) for name in sorted(done)], ignore_conflicts=True
    )


def taken_away(had: Collection[Name]) -> list[str]:
    """Contract migrations that were done and that this release does not know.

    No query where the database is not ahead of this release.
    """
    ahead = {label(name) for name in had if name not in known().graph.nodes}
    if not ahead:
        return []
    gone = Contracted.objects.filter(migration__in=ahead).order_by("migration")
    return list(gone.values_list("migration", flat=True))
