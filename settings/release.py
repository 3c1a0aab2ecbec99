"""Which release this is, and where its static files are.

A release that was made (`manage.py release`) carries release.json and its static files
inside; a source tree has neither.
"""

from __future__ import annotations

import json
from pathlib import Path

from settings.environment import read


def is_made(base_dir: Path) -> bool:
    """Is this a release, into which nobody writes, and not a source tree?"""
    return _facts_of(base_dir).exists()


def release_name(base_dir: Path) -> str:
    """The id of a release, whatever the environment says: its host waits until it
    answers with that. Of a source tree what the environment says, else the version.
    """
    if not is_made(base_dir):
        return read("RELEASE")
    return json.loads(_facts_of(base_dir).read_text())["id"]


def static_root(base_dir: Path, var_dir: Path) -> Path:
    return (base_dir if is_made(base_dir) else var_dir) / "static"


def _facts_of(base_dir: Path) -> Path:
    return base_dir / "release.json"
