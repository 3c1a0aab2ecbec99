"""A host's own layer of files over those of its image."""

from __future__ import annotations

import os
from pathlib import Path


def write_over(
    image: Path, layer: Path, path: str, text: str, owner: int, mode: int
) -> None:
    """Put a file into the layer; folders above it are as they are in the image."""
    for folder in reversed(Path(path).parents):
        if not (layer / folder).exists():
            (layer / folder).mkdir()
            _like(image / folder, layer / folder)
    target = layer / path
    target.unlink(missing_ok=True)
    target.touch(mode=0o600)
    target.write_text(text)
    os.chown(target, owner, owner)
    target.chmod(mode)


def _like(model: Path, folder: Path) -> None:
    """A folder of the layer hides the image's: it gets the same owner and mode."""
    if not model.exists():
        return
    facts = model.stat()
    folder.chmod(facts.st_mode & 0o7777)
    os.chown(folder, facts.st_uid, facts.st_gid)
