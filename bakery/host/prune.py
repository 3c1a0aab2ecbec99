"""Takes away what no release needs any more."""

from __future__ import annotations

import contextlib
import time

from bakery.host.codes import HostError
from bakery.host.disk import clear_halves, remove, take_away
from bakery.host.install import installing
from bakery.host.layout import Layout, releases_of

LEFT_SECONDS = 24 * 3600  # an archive so old is not being uploaded any more


def prune(layout: Layout, keep: int) -> list[str]:
    """Keep so many releases, and always `current` and `previous`; what went."""
    with installing(layout):
        served = {layout.named_by(link) for link in (layout.current, layout.previous)}
        known = releases_of(layout)
        gone = [name for name in known[keep:] if name not in served]
        for name in gone:
            take_away(layout.release(name))
        clear_halves(layout.releases)
        _prune_environments(layout)
        _prune_archives(layout)
    return gone


def _prune_environments(layout: Layout) -> None:
    needed = set()
    for name in releases_of(layout):
        with contextlib.suppress(HostError):
            needed.add(layout.facts(name)["lock"])
    for folder in (layout.environments, layout.wheels):
        for path in folder.glob("*"):
            if path.name not in needed:
                take_away(path)


def _prune_archives(layout: Layout) -> None:
    for path in layout.incoming.glob("*"):
        if time.time() - path.stat().st_mtime > LEFT_SECONDS:
            remove(path)
