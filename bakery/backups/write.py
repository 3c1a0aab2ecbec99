"""Makes a backup: one tar file with the database, the pictures and a manifest."""

from __future__ import annotations

import io
import os
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import timezone

from bakery.backups.engines import engine_here
from bakery.backups.manifest import (
    DATABASE,
    MEDIA,
    NAME,
    Manifest,
    digest_of,
    digest_of_path,
)
from bakery.vault import FOLDER as ASSETS


def default_path() -> Path:
    return Path(
        settings.VAR_DIR, "backups", f"bakery-{timezone.now():%Y%m%d-%H%M%S}.tar"
    )


def write_backup(path: Path) -> Manifest:
    """Write the whole shop to path, while it goes on selling.

    The database is copied first, as of one moment; a picture's file never changes once
    it is there, so every picture that copy speaks of is in the backup. The file
    appears under its name when it is complete, readable by its owner only.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".backup-") as folder:
        draft = Path(folder, "backup.tar")
        draft.touch(mode=0o600)
        with tarfile.open(draft, "w") as tar:
            manifest = _fill(tar, Path(folder, DATABASE))
        os.replace(draft, path)
    return manifest


def _fill(tar: tarfile.TarFile, database: Path) -> Manifest:
    engine = engine_here()
    made_at = timezone.now().isoformat(timespec="seconds")
    counts = engine.dump(database)
    digests = {DATABASE: digest_of_path(database)}
    tar.add(database, DATABASE)
    for name in media_names():
        digests[MEDIA + name] = _add(tar, MEDIA + name, _read(name))
    manifest = Manifest(
        made_at=made_at,
        release=settings.RELEASE,
        engine=engine.name,
        counts=counts,
        digests=digests,
    )
    _add(tar, NAME, manifest.to_json())
    return manifest


def media_names(folder: str = "") -> Iterator[str]:
    """Names of all files in the storage, with their folders."""
    # An S3 has no folders that could be asked for, only names.
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:  # nothing has been stored yet
        return
    start = f"{folder}/" if folder else ""
    yield from (start + name for name in sorted(files))
    # The assets of the last releases come with their releases.
    for name in sorted(set(folders) - ({ASSETS} if not folder else set())):
        yield from media_names(start + name)


def _read(name: str) -> bytes:
    with default_storage.open(name) as file:
        return file.read()


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> str:
    """Add the bytes under a name and return their digest."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), 0o600
    tar.addfile(entry, io.BytesIO(data))
    return digest_of(io.BytesIO(data))
