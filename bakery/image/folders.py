"""Where root keeps images and hosts, and runs what lies there: its own folders."""

from __future__ import annotations

import os
import stat
from pathlib import Path

IMAGES = Path("/var/lib/bakery/images")
HOSTS = Path("/var/lib/bakery/hosts")
OTHERS_WRITE = 0o022


class NotOurs(Exception):
    """Somebody else may change what would be run as root; the message says where."""


def own_folder(path: Path) -> Path:
    """The folder, made if it is not there: for us alone.

    Raises NotOurs if it, or one above it, belongs to somebody else, or others may
    write into it. They may into a sticky one above it, like /tmp: what is ours in
    there they can neither replace nor rename.
    """
    path = path.absolute()
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    real = path.resolve()
    for each in {path, real, *path.parents, *real.parents}:
        facts = each.lstat()
        sticky = facts.st_mode & stat.S_ISVTX and each != real
        writable = facts.st_mode & OTHERS_WRITE and not each.is_symlink()
        if facts.st_uid not in (0, os.geteuid()) or (writable and not sticky):
            raise NotOurs(
                f"Others than root may change {each}, and what lies below it would be "
                f"run as root. Name another folder, or: chown root {each}; "
                f"chmod go-w {each}"
            )
    return path
