"""Releases that a new clone fetches by itself, and which of them is the latest.

A release on the shelf is two archives, which may be shared or damaged, and a note of
their digests. latest.json is the note of the one that the fleet runs; it comes last of
all.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bakery.release.notes import (
    LATEST,
    Note,
    NotOnTheShelf,
    notes_on,
    now,
    read_note,
)
from bakery.release.shelf import Shelf, digest_in, digest_on
from bakery.release.store import LOCK, Release, archive_of

KEPT = 5


class Missing(Exception):
    """The archives that are neither on the shelf nor at hand: .names."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(f"These archives are missing: {', '.join(names)}.")
        self.names = names


class NotAShelf(Exception):
    """Releases are not to be put into this folder; the message says why."""


def demand_shelf(folder: Path) -> None:
    """Raises NotAShelf for the folder in which releases are made and kept."""
    if (folder / LOCK).exists():
        raise NotAShelf(
            f"{folder} is where releases are made and kept, and old ones would be "
            "taken out of it: name a folder of its own for those that clones fetch."
        )


def note_of(release: Release) -> Note:
    """Reads both archives."""
    files = {path.name: archive_of(path) for path in (release.path, release.wheels)}
    return Note(release.id, release.lock, release.python, now(), files)


def publish(shelf: Shelf, note: Note, folder: Path, *, signed: bool) -> None:
    """Let this be the latest release; of its archives bring what is not there, whole.

    Repeatable: only what is missing or damaged is written, and latest.json last of
    all. Then those that are there longest go, so that five stay. Raises Missing if
    the folder does not have an archive either, and OSError; then the latest is what
    it was.
    """
    note.demand_own_names()
    lacking = [n for n, f in note.files.items() if digest_on(shelf, n) != f.sha256]
    at_hand = [n for n in lacking if digest_in(folder / n) == note.files[n].sha256]
    if at_hand != lacking:
        raise Missing([name for name in lacking if name not in at_hand])
    for name in lacking:
        shelf.put(name, folder / name)
    _point_at(shelf, note, signed=signed)


def move_latest(shelf: Shelf, name: str, *, signed: bool) -> None:
    """Let a release that is on the shelf be the latest one again.

    Raises NotOnTheShelf if it is not there, whole: then there is no latest one any
    more, for the one that was is not wanted; clones take what is in their image.
    """
    try:
        note = read_note(shelf, f"{name}.json", signed=signed)
        broken = [n for n, f in note.files.items() if digest_on(shelf, n) != f.sha256]
        if broken:
            raise NotOnTheShelf(f"{name} is damaged: {', '.join(broken)}")
    except NotOnTheShelf:
        shelf.delete(LATEST)
        raise
    _point_at(shelf, note, signed=signed)


def _point_at(shelf: Shelf, note: Note, *, signed: bool) -> None:
    content = replace(note, published_at=now()).to_json(signed=signed)
    shelf.put(note.name, content)
    shelf.put(LATEST, content)
    _prune(shelf, signed=signed)  # now that nobody is sent to what goes


def _prune(shelf: Shelf, *, signed: bool) -> None:
    """Only files of releases that go: what is just being brought has no note yet."""
    known = notes_on(shelf, signed=signed)
    kept = {name for note in known[:KEPT] for name in note.files}
    for note in known[KEPT:]:
        shelf.delete(note.name)
        for name in set(note.files) - kept:
            shelf.delete(name)
