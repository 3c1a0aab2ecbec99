"""Releases that were made, as files in one folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Release:
    """One release: <id>.tar.gz, the wheels it needs, and the program for the hosts."""

    id: str
    path: Path  # the archive
    lock: str  # of its environment
    made_at: datetime
    python: str
    migrations: tuple[str, ...]
    sources: str  # by which it is found again

    @property
    def wheels(self) -> Path:
        """The archive of its wheels."""
        return self.path.with_name(f"{self.lock}.tar")

    @property
    def agent(self) -> Path:
        """bakery.host in one file, for a host that has no release yet."""
        return self.path.with_name(f"{self.id}.pyz")

    @property
    def is_whole(self) -> bool:
        return all(p.exists() for p in (self.path, self.wheels, self.agent))

    def to_json(self) -> dict[str, Any]:
        """What is in its release.json."""
        return {
            "id": self.id,
            "lock": self.lock,
            "made_at": self.made_at.isoformat(),
            "python": self.python,
            "migrations": list(self.migrations),
            "sources": self.sources,
        }


def read_releases(folder: Path) -> list[Release]:
    """The whole ones, newest first."""
    found = [_read(path) for path in folder.glob("*.json")]
    whole = [release for release in found if release.is_whole]
    return sorted(whole, key=lambda release: release.made_at, reverse=True)


def read_release(folder: Path, name: str) -> Release | None:
    """By its id, or the beginning of one; None if it is not there, or not the only."""
    found = [r for r in read_releases(folder) if name and r.id.startswith(name)]
    return found[0] if len(found) == 1 else None


def _read(path: Path) -> Release:
    facts = json.loads(path.read_text())
    return Release(
        id=facts["id"],
        path=path.with_name(f"{facts['id']}.tar.gz"),
        lock=facts["lock"],
        made_at=datetime.fromisoformat(facts["made_at"]),
        python=facts["python"],
        migrations=tuple(facts["migrations"]),
        sources=facts["sources"],
    )
