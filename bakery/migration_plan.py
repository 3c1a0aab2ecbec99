"""What is still to be migrated, told to people and to `deploy`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.conf import settings

from bakery import living
from bakery.contracting import HEARTBEATS, needed_by_servers, taken_away
from bakery.living import Server
from bakery.migration_rules.judging import Refusal, judge_some
from bakery.phases import (
    Name,
    Step,
    applied,
    contract_names,
    known,
    label,
    missing_steps,
)


class Plan(NamedTuple):
    """The migrations that are missing, and what stands in the way of each."""

    steps: list[Step]
    needed: dict[Name, list[Server]]
    refusals: list[Refusal]
    contracted: list[str]  # contract migrations of this release that were done
    taken_away: list[str]  # and of later ones: this release cannot serve any more
    servers: list[Server]

    def lines(self) -> Iterator[str]:
        for step in self.steps:
            kind = "contract" if step.is_contract else "expand"
            yield f"{kind:9} {step}"
            for server in self.needed.get(step.name, []):
                yield f"{'':9} still needed by {server}"
        for refusal in self.refusals:
            yield f"refused   {refusal}"
        for name in self.taken_away:
            yield f"too late  {name} took away what this release needs"
        if not self.steps:
            yield "Nothing is missing."

    def document(self) -> dict[str, Any]:
        return {
            "release": settings.RELEASE,
            "steps": [
                {
                    "name": str(step),
                    "contract": step.is_contract,
                    "needed_by": [str(s) for s in self.needed.get(step.name, [])],
                }
                for step in self.steps
            ],
            "refused": [str(refusal) for refusal in self.refusals],
            "contracted": self.contracted,
            "taken_away": self.taken_away,
            "servers": [
                {
                    "clone": server.clone,
                    "role": server.role,
                    "release": server.release,
                    "seconds": round(server.seconds, 1),
                }
                for server in self.servers
            ],
        }


def plan_now() -> Plan:
    """Changes nothing. A handful of queries."""
    had = applied()
    steps = missing_steps(had)
    done = {label(name) for name in had}
    has_heartbeats = HEARTBEATS in had
    return Plan(
        steps=steps,
        needed=needed_by_servers(steps, had),
        refusals=judge_some(known(), [step.name for step in steps]) if had else [],
        contracted=[name for name in contract_names() if name in done],
        taken_away=taken_away(had) if has_heartbeats else [],
        servers=living.servers() if has_heartbeats else [],
    )
