"""A file copied to a host: there as a whole or not at all."""

from __future__ import annotations

import contextlib
import io
import secrets
from collections.abc import Iterator
from pathlib import Path

import paramiko

from bakery.deploy.connect import LOST


def copy(
    sftp: paramiko.SFTPClient, content: Path | bytes, path: str, mode: int
) -> None:
    """Whoever reads it meanwhile finds the former one. Raises one of LOST.

    Nobody whom the mode does not let read ever can.
    """
    source = io.BytesIO(content) if isinstance(content, bytes) else content.open("rb")
    with source, _private_folder(sftp, path) as folder:
        draft = f"{folder}/draft"
        sftp.putfo(source, draft, file_size=size_of(content))
        sftp.chmod(draft, mode)
        sftp.posix_rename(draft, path)


def size_of(content: Path | bytes) -> int:
    return len(content) if isinstance(content, bytes) else content.stat().st_size


@contextlib.contextmanager
def _private_folder(sftp: paramiko.SFTPClient, path: str) -> Iterator[str]:
    """Beside the path. A file gets its mode after it was made; a folder at once."""
    folder = f"{path}.part-{secrets.token_hex(4)}"
    sftp.mkdir(folder, 0o700)
    try:
        yield folder
    finally:
        with contextlib.suppress(*LOST):
            for left in sftp.listdir(folder):
                sftp.remove(f"{folder}/{left}")
            sftp.rmdir(folder)
