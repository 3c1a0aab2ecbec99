"""A release comes from a shelf to a host, held against its digests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO

from bakery.host.install import is_complete
from bakery.host.layout import Layout
from bakery.release.notes import LATEST, Note, NotOnTheShelf, read_note
from bakery.release.shelf import Shelf, digest_of
from bakery.release.store import Archive


def fetch(shelf: Shelf, layout: Layout, name: str = "", *, signed: bool) -> Note:
    """Bring the archives of a release, by default of the latest one, to incoming/.

    Not what the host has already. Whatever lies there afterwards was held against its
    digest. Raises NotOnTheShelf and OSError; then nothing lies there.
    """
    note = read_note(shelf, f"{name}.json" if name else LATEST, signed=signed)
    wanted = []
    if not layout.release(note.id).exists():
        wanted.append(f"{note.id}.tar.gz")
    if not is_complete(layout.environment(note.lock)):
        wanted.append(f"{note.lock}.tar")
    layout.make()
    for each in wanted:
        _fetch(shelf, each, note.files[each], layout.incoming / each)
    return note


def _fetch(shelf: Shelf, name: str, wanted: Archive, target: Path) -> None:
    draft = target.with_name(f".{name}.part")
    try:
        with draft.open("wb") as file:
            found = digest_of(_written(shelf.pieces(name), file))
        if found != wanted.sha256:
            raise NotOnTheShelf(f"{name} on {shelf} is damaged")
        draft.replace(target)
    except FileNotFoundError as error:
        raise NotOnTheShelf(f"there is no {name} on {shelf}") from error
    finally:
        draft.unlink(missing_ok=True)


def _written(pieces: Iterator[bytes], file: IO[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        file.write(piece)
        yield piece
