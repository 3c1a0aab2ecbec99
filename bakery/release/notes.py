"""Notes on a shelf: what is to be known of a release before it is fetched.

On the fleet's shelf they are signed with SECRET_KEY: whoever can write into the
storage, where pictures go too, still cannot make a clone run what we have not made.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from django.core.signing import BadSignature, Signer

from bakery.release.shelf import Shelf
from bakery.release.store import NAME, Archive

LATEST = "latest.json"


class NotOnTheShelf(Exception):
    """No such release can be fetched, or it is damaged; the message says which."""


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


def _signer() -> Signer:
    return Signer(salt="bakery.releases", sep=":")


def _text(facts: dict[str, object]) -> str:
    return json.dumps(facts, sort_keys=True)


def now() -> str:
    """As notes tell it."""
    return datetime.now(UTC).isoformat()
