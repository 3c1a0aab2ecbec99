"""The static files of the last releases, in the storage that all servers share.

While a release rolls over the fleet, a page of one release may ask a server of another
for its files. Each release puts its files here before any server begins to use them:
each in one bundle with its compressed forms, under the bundle's digest. So equal files
of two releases are one, and what is read can be held against its name. A release's
list is written last: what it lists is there.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import zipfile
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

logger = logging.getLogger(__name__)

FOLDER = "assets"
LISTS = f"{FOLDER}/releases"
RELEASES_KEPT = 5
KEPT_FOR = timedelta(days=7)  # after another release took its place
UPLOADS_AT_ONCE = 8
MOST_LISTS = 100  # that a reader looks at
# By encoding, what WhiteNoise adds to a file's name.
ENDINGS = {"identity": "", "br": ".br", "gzip": ".gz"}

Forms = dict[str, bytes]  # a file's content by encoding


class VaultIsAway(OSError):
    """The storage did not answer, or there is no vault in it."""


@dataclass(frozen=True)
class Release:
    """What one release serves: digests of bundles by the files' names.

    Such a name is "shop/storefront.0a1b2c3d4e5f.css".
    """

    name: str
    made_at: datetime
    files: dict[str, str]

    @property
    def digests(self) -> set[str]:
        return set(self.files.values())

    @property
    def stored_as(self) -> str:
        """Its list's name: the newest sorts last, and a list never changes."""
        content = hashlib.sha256(_json([self.name, self.files])).hexdigest()
        return f"{self.made_at:%Y%m%dT%H%M%S%f}-{content[:16]}.json"

    def to_json(self) -> bytes:
        facts = {"made_at": self.made_at.isoformat(), "files": self.files}
        return _json({"name": self.name} | facts)

    @classmethod
    def from_json(cls, text: bytes) -> Release:
        """Raises ValueError for what is not a list."""
        try:
            facts = json.loads(text)
            made_at = datetime.fromisoformat(facts["made_at"])
            return cls(facts["name"], made_at, facts["files"])
        except (KeyError, TypeError) as error:
            raise ValueError("This is not the list of a release.") from error


def bundle_of(forms: Forms) -> bytes:
    """The same bytes for the same forms, wherever it is made."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as bundle:
        for encoding, content in sorted(forms.items()):
            bundle.writestr(zipfile.ZipInfo(encoding), content)
    return written.getvalue()


def forms_in(bundle: bytes) -> Forms:
    with zipfile.ZipFile(io.BytesIO(bundle)) as read:
        return {encoding: read.read(encoding) for encoding in read.namelist()}


def gathered(root: Path, name: str) -> Forms:
    """The file below root in all the forms that were made of it."""
    paths = {encoding: root / f"{name}{ending}" for encoding, ending in ENDINGS.items()}
    return {
        encoding: path.read_bytes()
        for encoding, path in paths.items()
        if path.is_file()
    }


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


# --- reading -----------------------------------------------------------------------


def list_names() -> list[str]:
    """Names of the releases' lists, newest first. Raises VaultIsAway.

    A vault without any is one that is not there: each release puts itself in before it
    is served.
    """
    try:
        names = _listed()
    except OSError as error:
        raise VaultIsAway(str(error)) from error
    if not names:
        raise VaultIsAway("There is no release in the vault.")
    return names


def read_release(list_name: str) -> Release | None:
    """None for a list that is gone or broken. Raises VaultIsAway."""
    try:
        return Release.from_json(_read(f"{LISTS}/{list_name}"))
    except (FileNotFoundError, ValueError):
        return None


def read_forms(digest: str) -> Forms | None:
    """None for a bundle that is gone or damaged. Raises VaultIsAway."""
    try:
        bundle = _read(_path_of(digest))
    except FileNotFoundError:
        return None
    if digest_of(bundle) != digest:
        logger.error("a file in the vault is damaged digest=%s", digest)
        return None
    return forms_in(bundle)


def _read(name: str) -> bytes:
    try:
        with default_storage.open(name) as file:
            return file.read()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise VaultIsAway(str(error)) from error


# --- keeping: for one server at a time, who holds the lock -------------------------


def keep(name: str, made_at: datetime, root: Path, names: Iterable[str]) -> int:
    """Put a release into the vault; how many of its files were not there yet.

    Repeatable: what is there and whole stays, what an interrupted one left undone is
    done. The newest release is listed once. Raises OSError if the storage is away.
    """
    bundles = {each: bundle_of(gathered(root, each)) for each in names}
    files = {each: digest_of(bundle) for each, bundle in bundles.items()}
    known, present = releases(), _present()
    whole = {digest for release in known for digest in release.digests} & present
    missing = {files[each]: bundles[each] for each in files if files[each] not in whole}
    _forget(missing.keys() & present)  # begun and never finished
    with ThreadPoolExecutor(UPLOADS_AT_ONCE) as uploads:
        list(uploads.map(_put, map(_path_of, missing), missing.values()))
    release = Release(name, made_at, files)
    if not known or (known[0].name, known[0].files) != (name, files):
        _put(f"{LISTS}/{release.stored_as}", release.to_json())
    return len(missing)


def prune(now: datetime) -> int:
    """Remove what only releases list that nobody can be looking at any more.

    Five releases stay, and each for seven days after it was replaced. Returns how many
    files were removed. Raises OSError if the storage is away.
    """
    kept = worth_keeping(releases(), now)
    for name in set(_listed()) - {release.stored_as for release in kept}:
        default_storage.delete(f"{LISTS}/{name}")
    unneeded = _present() - {digest for release in kept for digest in release.digests}
    _forget(unneeded)
    return len(unneeded)


def releases() -> list[Release]:
    """All that are listed, newest first. Raises OSError if the storage is away."""
    found = [read_release(name) for name in _listed()]
    return [release for release in found if release]


def worth_keeping(known: Collection[Release], now: datetime) -> list[Release]:
    """Of releases from newest to oldest; one that came back counts as new."""
    latest: list[Release] = []
    for release in known:
        if release.files not in [each.files for each in latest]:
            latest.append(release)
    recent = [
        older for newer, older in pairwise(latest) if now - newer.made_at < KEPT_FOR
    ]
    return [
        each for nth, each in enumerate(latest) if nth < RELEASES_KEPT or each in recent
    ]


def _present() -> set[str]:
    return set(_files_in(FOLDER))


def _listed() -> list[str]:
    return sorted(_files_in(LISTS), reverse=True)


def _files_in(folder: str) -> list[str]:
    try:
        return default_storage.listdir(folder)[1]
    except FileNotFoundError:
        return []


def _path_of(digest: str) -> str:
    return f"{FOLDER}/{digest}"


def _forget(digests: Iterable[str]) -> None:
    for digest in digests:
        default_storage.delete(_path_of(digest))


def _put(name: str, content: bytes) -> None:
    saved = default_storage.save(name, ContentFile(content))
    if saved != name:
        default_storage.delete(saved)
        raise OSError(f"{name} was there already.")


def _json(facts: object) -> bytes:
    return json.dumps(facts, sort_keys=True).encode()
