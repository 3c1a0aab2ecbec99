"""What belongs into a release, and the id that follows from it.

The one who makes a release and the hosts that get it work out the same id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

FACTS = "release.json"
STATIC = "static"
# A host makes these itself.
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
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{name}\0{runs}\0{content}\n".encode())
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


def _is_compressed_form(path: Path) -> bool:
    return path.suffix in COMPRESSED and path.with_suffix("").exists()
