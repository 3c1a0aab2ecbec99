"""What belongs into a release, and the id that follows from it.

The one who makes a release and the hosts that get it work out the same id.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from bakery.host.codes import HostError

FACTS = "release.json"
STATIC = "static"
# A host makes these itself: the id says nothing about them.
OF_THE_HOST = {".venv", FACTS, "__pycache__"}
# Compressed forms of a file follow from it, and a compressor's version.
COMPRESSED = {".gz", ".br"}
ID_DIGITS = 16


def content_id(folder: Path) -> str:
    """Of all files below: names, whether they may be run, and what is in them."""
    digest = hashlib.sha256()
    for path in files_of(folder):
        if _is_compressed_form(path):
            continue
        name = path.relative_to(folder).as_posix()
        runs = "x" if path.stat().st_mode & 0o100 else "-"
        digest.update(f"{name}\0{runs}\0{_digest_of(path)}\n".encode())
    return digest.hexdigest()[:ID_DIGITS]


def lock_id(requirements: bytes, python: str) -> str:
    """Of an environment: its locked requirements and the version of Python."""
    return hashlib.sha256(requirements + python.encode()).hexdigest()[:ID_DIGITS]


def files_of(folder: Path) -> Iterator[Path]:
    """In the order of their names; without what a host adds."""
    found = (
        path
        for path in folder.rglob("*")
        if path.is_file() and not OF_THE_HOST & set(path.relative_to(folder).parts)
    )
    yield from sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def compressed_forms(folder: Path) -> dict[str, str]:
    """The digest of each compressed form below, which the id says nothing about."""
    return {
        path.relative_to(folder).as_posix(): _digest_of(path)
        for path in files_of(folder)
        if _is_compressed_form(path)
    }


def demand_content(folder: Path, name: str, facts_digest: str | None = None) -> None:
    """Raises HostError unless the folder holds release `name` and nothing else.

    `facts_digest` is that of its release.json, if the caller knows it.
    """
    found = content_id(folder)
    if found != name:
        raise HostError(
            f"The archive of release {name} holds something else ({found}): it was "
            "damaged on its way, or changed. Send it again."
        )
    facts = _facts_in(folder, name)
    if facts_digest and facts_digest != _digest_of(folder / FACTS):
        raise HostError(
            f"The release.json of {name} is another one than was made: it was changed. "
            "Send it again."
        )
    requirements = folder.joinpath("requirements.txt").read_bytes()
    if facts.get("lock") != lock_id(requirements, str(facts.get("python"))):
        raise HostError(
            f"The release.json of {name} names another environment than its "
            "requirements.txt: it was changed. Send it again."
        )
    if "compressed" in facts and facts["compressed"] != compressed_forms(folder):
        raise HostError(
            f"Compressed files of release {name} are others than its release.json "
            "says: it was damaged, or changed. Send it again."
        )


def demand_members(names: Iterable[str]) -> None:
    """Raises HostError for an archive with files that no id says anything about."""
    for name in names:
        path = PurePosixPath(name)
        if path != PurePosixPath(FACTS) and OF_THE_HOST & set(path.parts):
            raise HostError(
                f"{name} does not belong into the archive of a release: whoever made "
                "it put in more than its id tells. Make it anew."
            )


def _facts_in(folder: Path, name: str) -> dict[str, Any]:
    try:
        facts = json.loads(folder.joinpath(FACTS).read_text())
    except (OSError, ValueError) as error:
        raise HostError(f"Release {name} has no release.json: {error}") from error
    return facts if isinstance(facts, dict) else {}


def _digest_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _is_compressed_form(path: Path) -> bool:
    return path.suffix in COMPRESSED and path.with_suffix("").exists()
