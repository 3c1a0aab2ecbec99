"""Where releases lie for those who fetch them: a folder, or the fleet's own storage.

Both write whole files or none, and fail in a folder's words: FileNotFoundError for what
is missing, OSError for a place that is away.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Protocol

from django.core.files.base import ContentFile, File
from django.core.files.storage import storages

from bakery.storages import S3Storage

FOLDER = "releases"  # in the storage
PIECE = 1 << 20


class Shelf(Protocol):
    """All of them raise OSError."""

    def read(self, name: str) -> bytes: ...

    def pieces(self, name: str) -> Iterator[bytes]:
        """A big file, piece by piece."""

    def put(self, name: str, content: Path | bytes) -> None:
        """Whoever reads it meanwhile finds the former one, whole."""

    def delete(self, name: str) -> None:
        """Repeatable."""

    def names(self) -> set[str]: ...


class FolderShelf:
    """A folder: of this machine, or a mount that all servers have."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __str__(self) -> str:
        return str(self.folder)

    def read(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def pieces(self, name: str) -> Iterator[bytes]:
        with (self.folder / name).open("rb") as file:
            yield from _pieces(file)

    def put(self, name: str, content: Path | bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = self.folder / f".{name}.{os.getpid()}"
        if isinstance(content, bytes):
            draft.write_bytes(content)
        else:
            shutil.copyfile(content, draft)
        draft.replace(self.folder / name)

    def delete(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)

    def names(self) -> set[str]:
        if not self.folder.is_dir():
            return set()
        found = (path.name for path in self.folder.iterdir())
        return {name for name in found if not name.startswith(".")}


class BucketShelf:
    """A part of the S3 in which pictures are; a file appears there whole."""

    def __init__(self, storage: S3Storage) -> None:
        self.storage = storage

    def __str__(self) -> str:
        return f"{FOLDER}/ of STORAGE_URL"

    def read(self, name: str) -> bytes:
        with self.storage.open(f"{FOLDER}/{name}") as file:
            return file.read()

    def pieces(self, name: str) -> Iterator[bytes]:
        with self.storage.open(f"{FOLDER}/{name}") as file:
            yield from _pieces(file)

    def put(self, name: str, content: Path | bytes) -> None:
        if isinstance(content, bytes):
            self.storage.replace(f"{FOLDER}/{name}", ContentFile(content))
            return
        with content.open("rb") as file:
            self.storage.replace(f"{FOLDER}/{name}", File(file))

    def delete(self, name: str) -> None:
        self.storage.delete(f"{FOLDER}/{name}")

    def names(self) -> set[str]:
        return set(self.storage.listdir(FOLDER)[1])


def shelf_of_the_fleet() -> Shelf:
    """In the storage that all servers share (STORAGE_URL)."""
    storage = storages["default"]
    if isinstance(storage, S3Storage):
        return BucketShelf(storage)
    return FolderShelf(Path(storage.path(FOLDER)))


def digest_on(shelf: Shelf, name: str) -> str:
    """Of a file's content; "" if there is none. Raises OSError if the shelf is away."""
    try:
        return digest_of(shelf.pieces(name))
    except FileNotFoundError:
        return ""


def digest_of(pieces: Iterator[bytes]) -> str:
    found = hashlib.sha256()
    for piece in pieces:
        found.update(piece)
    return found.hexdigest()


def digest_in(path: Path) -> str:
    """Of a file; "" if there is none."""
    return digest_on(FolderShelf(path.parent), path.name)


def _pieces(file: IO[bytes] | File) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece
