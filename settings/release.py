"""Which release this is, and where its static files are.

A release that was made (`manage.py release`) carries release.json and its static files
inside; a source tree has neither.
"""

from __future__ import annotations

import json
from pathlib import Path

from settings.environment import env, read


def is_made(base_dir: Path) -> bool:
    """Is this a release, into which nobody writes, and not a source tree?"""
    return _facts_of(base_dir).exists()


def release_name(base_dir: Path) -> str:
    """What the environment says, else the id of the release, else the version."""
    if "RELEASE" in env.ENVIRON or not is_made(base_dir):
        return read("RELEASE")
    return json.loads(_facts_of(base_dir).read_text())["id"]


def static_root(base_dir: Path, var_dir: Path) -> Path:
    return (base_dir if is_made(base_dir) else var_dir) / "static"


def _facts_of(base_dir: Path) -> Path:
    return base_dir / "release.json"
