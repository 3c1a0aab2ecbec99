"""Releases that were made, as files in one folder.

Beside the archives lies <id>.json: the release's own release.json, and how big each
archive is and what its digest is, so that half a one is never taken for a whole one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from bakery.release.shelf import digest_in

NAME = re.compile(r"^[0-9a-f]{16}$")  # of releases, and of environments
LOCK = "release.lock"  # by it a folder of releases is known


@dataclass(frozen=True)
class Archive:
    """What a file has to be."""

    sha256: str
    size: int


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
    # Digests of .br and .gz files, which the id does not cover, by their paths.
    compressed: Mapping[str, str] = field(default_factory=dict)
    archives: Mapping[str, Archive] = field(default_factory=dict)  # by their names

    @property
    def wheels(self) -> Path:
        """The archive of its wheels."""
        return self.path.with_name(f"{self.lock}.tar")

    @property
    def agent(self) -> Path:
        """bakery.host in one file, for a host that has no release yet."""
        return self.path.with_name(f"{self.id}.pyz")

    @property
    def files(self) -> tuple[Path, Path, Path]:
        return (self.path, self.wheels, self.agent)

    @property
    def is_whole(self) -> bool:
        """Are all its archives there, in their sizes? is_sound() reads them as well."""
        return all(
            path.name in self.archives and _size(path) == self.archives[path.name].size
            for path in self.files
        )

    @property
    def is_sound(self) -> bool:
        """Do all its archives hold what they held when it was made? Reads them all."""
        return self.is_whole and all(
            digest_in(path) == self.archives[path.name].sha256 for path in self.files
        )

    def to_json(self) -> dict[str, Any]:
        """What is in its release.json."""
        return {
            "id": self.id,
            "lock": self.lock,
            "made_at": self.made_at.isoformat(),
            "python": self.python,
            "migrations": list(self.migrations),
            "sources": self.sources,
            "compressed": dict(self.compressed),
        }

    def to_store(self) -> dict[str, Any]:
        """What is in <id>.json beside the archives."""
        archives = {name: vars(archive) for name, archive in self.archives.items()}
        return self.to_json() | {"archives": archives}


def archive_of(path: Path) -> Archive:
    """Reads it. Raises OSError."""
    return Archive(digest_in(path), path.stat().st_size)


def read_releases(folder: Path) -> list[Release]:
    """The whole ones, newest first. Whatever else lies in the folder is left alone."""
    whole = [release for release in noted(folder) if release.is_whole]
    return sorted(whole, key=lambda release: release.made_at, reverse=True)


def noted(folder: Path) -> list[Release]:
    """Also those whose archives are no longer whole."""
    named = [path for path in folder.glob("*.json") if NAME.match(path.stem)]
    return [release for path in named if (release := _read(path))]


def read_release(folder: Path, name: str) -> Release | None:
    """By its id, or the beginning of one; None if it is not there, or not the only."""
    found = [r for r in read_releases(folder) if name and r.id.startswith(name)]
    return found[0] if len(found) == 1 else None


def _read(path: Path) -> Release | None:
    """None for a file that is no release's: half a one, or another program's."""
    try:
        facts = json.loads(path.read_text())
        archives = {name: Archive(**f) for name, f in facts["archives"].items()}
        wanted = {f"{path.stem}.tar.gz", f"{path.stem}.pyz", f"{facts['lock']}.tar"}
        if set(archives) != wanted:
            return None
        return Release(
            id=path.stem,
            path=path.with_name(f"{path.stem}.tar.gz"),
            lock=facts["lock"],
            made_at=datetime.fromisoformat(facts["made_at"]),
            python=facts["python"],
            migrations=tuple(facts["migrations"]),
            sources=facts["sources"],
            compressed=facts["compressed"],
            archives=archives,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _size(path: Path) -> int:
    """-1 if there is no such file."""
    try:
        return path.stat().st_size
    except OSError:
        return -1
