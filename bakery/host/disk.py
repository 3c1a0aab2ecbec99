"""Files and folders that are whole, also after the power has failed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

UNPACKING = ".unpacking-"
GONE = ".gone-"


def write_whole(path: Path, text: str, mode: int = 0o644) -> bool:
    """Write the file so that nobody ever reads half of it; whether it changed.

    Not even after a power cut: it is on the disk when this returns.
    """
    content = text.encode()
    if path.exists() and path.read_bytes() == content:
        path.chmod(mode)
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.chmod(mode)
    draft.replace(path)
    sync_folder(path.parent)
    return True


def sync_folder(folder: Path) -> None:
    """What was renamed in it stays so, even if the power fails now."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove(path: Path) -> None:
    """With all that is below. Repeatable."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def take_away(path: Path) -> None:
    """At once, also if this is killed half-way: nobody ever meets half a folder."""
    gone = path.with_name(f"{GONE}{path.name}")
    remove(gone)
    path.rename(gone)
    remove(gone)


def clear_halves(folder: Path) -> None:
    """What somebody who was killed had begun to make, or to take away."""
    for left in (*folder.glob(f"{UNPACKING}*"), *folder.glob(f"{GONE}*")):
        remove(left)
