"""What a backup says about itself."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

FORMAT = 1
NAME = "manifest.json"
DATABASE = "database"
MEDIA = "media/"


class BadBackup(Exception):
    """The file is no backup, or not one that can be restored here; says why."""


@dataclass(frozen=True)
class Manifest:
    """Facts about a backup. Digests are SHA-256; counts are rows by table."""

    made_at: str
    release: str
    engine: str
    counts: dict[str, int]
    digests: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), indent=1, sort_keys=True).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Manifest:
        """Raises BadBackup for anything but a manifest of a format known here."""
        try:
            facts: dict[str, Any] = json.loads(data)
            manifest = cls(**facts)
        except (ValueError, TypeError) as error:
            raise BadBackup("The file is not a backup of this shop.") from error
        if manifest.format != FORMAT:
            raise BadBackup(
                f"The backup has format {manifest.format}; this release reads "
                f"{FORMAT}. Restore it with release {manifest.release}."
            )
        return manifest


def digest_of(file: IO[bytes]) -> str:
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]


def digest_of_path(path: Path) -> str:
    with path.open("rb") as file:
        return digest_of(file)
