"""Archives that are the same to the byte whenever they are made of the same files."""

from __future__ import annotations

import gzip
import os
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

SHEBANG = b"#!/usr/bin/env python3\n"
MAIN = """import sys

sys.dont_write_bytecode = True

from bakery.host.command import main

sys.exit(main())
"""
# What a host reads of other packages.
BESIDE_THE_HOST = (
    "deploy/__init__.py", "deploy/fleet_file.py", "deploy/faults.py",
    "deploy/schema.py", "deploy/where.py", "deploy/fleet.example.toml",
)  # fmt: skip
EARLIEST = (1980, 1, 1, 0, 0, 0)  # that a zip can tell


def write_archive(path: Path, folder: Path, files: Iterable[Path], at: int) -> None:
    """A tar.gz of the files, all of one age (seconds of the epoch), owned by nobody."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with (
        draft.open("wb") as raw,
        gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for file in files:
            _add(tar, file, file.relative_to(folder).as_posix(), at)
    put_in_place(draft, path)


def write_plain_archive(path: Path, folder: Path) -> None:
    """A tar of the files that lie in the folder: of what is compressed already."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with tarfile.open(draft, "w", format=tarfile.PAX_FORMAT) as tar:
        for file in sorted(folder.iterdir()):
            _add(tar, file, file.name, 0)
    put_in_place(draft, path)


def _add(tar: tarfile.TarFile, file: Path, name: str, at: int) -> None:
    facts = tarfile.TarInfo(name)
    facts.size = file.stat().st_size
    facts.mode = 0o755 if file.stat().st_mode & 0o100 else 0o644
    facts.mtime = at
    with file.open("rb") as content:
        tar.addfile(facts, content)


def write_host_program(path: Path, folder: Path) -> None:
    """bakery.host as one file that a bare Python runs, before a release is there."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("wb") as raw:
        raw.write(SHEBANG)
        with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as program:
            program.writestr(zipfile.ZipInfo("__main__.py", EARLIEST), MAIN)
            program.writestr(zipfile.ZipInfo("bakery/__init__.py", EARLIEST), "")
            for file in _files_of_the_host(folder):
                name = file.relative_to(folder).as_posix()
                facts = zipfile.ZipInfo(name, EARLIEST)
                facts.compress_type = zipfile.ZIP_DEFLATED
                program.writestr(facts, file.read_bytes())
    put_in_place(draft, path)


def put_in_place(draft: Path, path: Path) -> None:
    """Under its name it is whole, also after a power cut."""
    with draft.open("rb") as written:
        os.fsync(written.fileno())
    draft.replace(path)


def _files_of_the_host(folder: Path) -> list[Path]:
    own = [
        file
        for file in (folder / "bakery/host").rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    ]
    return sorted([*own, *(folder / "bakery" / name for name in BESIDE_THE_HOST)])
