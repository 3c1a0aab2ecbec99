"""The services of a host, whoever its supervisor is: runit or systemd."""

from __future__ import annotations

from collections.abc import Mapping

from bakery.host.layout import Layout
from bakery.host.runit import Runit
from bakery.host.supervisor import ROLES, Supervisor, service_of
from bakery.host.systemd import Systemd

__all__ = [
    "ROLES", "Runit", "Supervisor", "Systemd", "service_of", "supervisor",
    "supervisor_of",
]  # fmt: skip


def supervisor(kind: str, layout: Layout, user: str) -> Supervisor:
    return {"runit": Runit, "systemd": Systemd}[kind](layout, user)


def supervisor_of(layout: Layout, facts: Mapping[str, str]) -> Supervisor:
    """The one that shared/host names."""
    return supervisor(facts["SUPERVISOR"], layout, layout.base.owner())
