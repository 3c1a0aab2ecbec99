"""Releases that a new clone fetches by itself, and which of them is the latest.

A release on the shelf is two archives, which may be shared or damaged, and a note of
their digests. latest.json is the note of the one that the fleet runs; it comes last of
all. On the fleet's shelf notes are signed with SECRET_KEY: whoever can write into the
storage, where pictures go too, still cannot make a clone run what we have not made.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from django.core.signing import BadSignature, Signer

from bakery.host.install import is_complete
from bakery.host.layout import Layout
from bakery.release.shelf import Shelf, digest_in, digest_of, digest_on
from bakery.release.store import Release

LATEST = "latest.json"
KEPT = 5
NAME = re.compile(r"^[0-9a-f]{16}$")


class NotOnTheShelf(Exception):
    """No such release can be fetched, or it is damaged; the message says which."""


class Missing(Exception):
    """The archives that are neither on the shelf nor at hand: .names."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(f"These archives are missing: {', '.join(names)}.")
        self.names = names


@dataclass(frozen=True)
class Archive:
    """What a file has to be."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Note:
    """What is to be known of a release before it is fetched."""

    id: str
    lock: str
    python: str
    published_at: str
    files: dict[str, Archive]

    @property
    def name(self) -> str:
        return f"{self.id}.json"

    def to_json(self, *, signed: bool) -> bytes:
        facts = asdict(self)
        more = {"signature": _signer().signature(_text(facts))} if signed else {}
        return json.dumps(facts | more, indent=2, sort_keys=True).encode()

    @classmethod
    def from_json(cls, content: bytes, *, signed: bool) -> Note:
        """Raises NotOnTheShelf for what is none of ours."""
        try:
            facts = json.loads(content)
            signature = facts.pop("signature", "")
            if signed:
                _signer().unsign(f"{_text(facts)}:{signature}")
            files = {name: Archive(**f) for name, f in facts.pop("files").items()}
            note = cls(**facts, files=files)
        except BadSignature as error:
            raise NotOnTheShelf("it is not signed with our SECRET_KEY") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise NotOnTheShelf("it is not whole") from error
        note.demand_own_names()
        return note

    def demand_own_names(self) -> None:
        own = {f"{self.id}.tar.gz", f"{self.lock}.tar"}
        named = all(NAME.match(str(each)) for each in (self.id, self.lock))
        if not named or set(self.files) != own:
            raise NotOnTheShelf("it names other files than a release's")


def note_of(release: Release) -> Note:
    """Reads both archives."""
    paths = (release.path, release.wheels)
    files = {p.name: Archive(digest_in(p), p.stat().st_size) for p in paths}
    return Note(release.id, release.lock, release.python, _now(), files)


# --- putting -----------------------------------------------------------------------


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
    content = replace(note, published_at=_now()).to_json(signed=signed)
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


# --- reading -----------------------------------------------------------------------


def read_note(shelf: Shelf, name: str, *, signed: bool) -> Note:
    """Raises NotOnTheShelf, and OSError for a shelf that is away."""
    try:
        return Note.from_json(shelf.read(name), signed=signed)
    except FileNotFoundError as error:
        raise NotOnTheShelf(f"there is no {name} on {shelf}") from error
    except NotOnTheShelf as error:
        raise NotOnTheShelf(f"{name} on {shelf}: {error}") from error


def notes_on(shelf: Shelf, *, signed: bool) -> list[Note]:
    """Of all releases, the newest first. Raises OSError."""
    return sorted(
        _readable(shelf, shelf.names(), signed=signed),
        key=lambda note: note.published_at,
        reverse=True,
    )


def _readable(shelf: Shelf, names: Collection[str], *, signed: bool) -> Iterator[Note]:
    for name in names:
        if name.endswith(".json") and name != LATEST:
            try:
                yield read_note(shelf, name, signed=signed)
            except NotOnTheShelf:
                continue


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


def _signer() -> Signer:
    return Signer(salt="bakery.releases", sep=":")


def _text(facts: dict[str, object]) -> str:
    return json.dumps(facts, sort_keys=True)


def _now() -> str:
    return datetime.now(UTC).isoformat()
