"""The signing key of a shop on one machine that was given none."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def secret_key(given: str, var_dir: Path) -> str:
    """The given key, or this machine's own one, made once and kept in var_dir.

    Several processes may ask at the same moment: the file is made under another name
    and linked into place, so the first one wins and all read the same key.
    """
    if given:
        return given
    path = var_dir / "secret_key"
    if not path.exists():
        var_dir.mkdir(parents=True, exist_ok=True)
        draft = var_dir / f"secret_key.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(64))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
