"""Examines whether the servers that live agree on their release."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from django.conf import settings

from bakery import living
from bakery.contracting import HEARTBEATS, taken_away
from bakery.doctor.findings import Finding, State
from bakery.phases import applied


def examine_releases() -> Iterator[Finding]:
    """One release everywhere, and one that the database still serves."""
    had = applied()
    if HEARTBEATS not in had:
        yield Finding("releases", State.SKIPPED, "the database has no heartbeats yet")
        return
    yield _agree(living.servers())
    gone = taken_away(had)
    if gone:
        says = f"{settings.RELEASE} is too old: {', '.join(gone)} was taken away"
        do = "Deploy the release that the other servers run."
        yield Finding("releases", State.WRONG, says, do)


def _agree(servers: list[living.Server]) -> Finding:
    by_release = defaultdict(list)
    for server in servers:
        by_release[server.release].append(server.clone)
    told = "; ".join(
        f"{release} on {', '.join(sorted(set(clones)))}"
        for release, clones in sorted(by_release.items())
    )
    if len(by_release) > 1:
        do = "Right in the middle of a deploy; otherwise deploy again, or rollback."
        return Finding("releases", State.WRONG, told, do)
    return Finding("releases", State.OK, told or "no server has been heard")
