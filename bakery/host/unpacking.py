"""Takes archives apart, and trusts none of them."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Callable, Iterable
from pathlib import Path

from bakery.host.codes import HostError
from bakery.host.disk import remove


def unpack(
    archive: Path, into: Path, demand: Callable[[Iterable[str]], None] | None = None
) -> None:
    """Raises HostError for an archive that is missing, broken, or holds names that
    `demand` refuses; then nothing stays.
    """
    into.mkdir(parents=True)
    try:
        with tarfile.open(archive) as tar:
            if demand:
                demand(tar.getnames())
            tar.extractall(into, filter="data") if _filters() else _extract(tar, into)
    except (OSError, tarfile.TarError, EOFError) as error:
        remove(into)
        raise HostError(f"Cannot unpack {archive}: {error}. Send it again.") from error
    except HostError:
        remove(into)
        raise


def _filters() -> bool:
    return hasattr(tarfile, "data_filter")  # not yet in Debian 12's own Python


def _extract(tar: tarfile.TarFile, into: Path) -> None:
    """Files and folders inside and nothing else: no links, no devices, no owners, and
    no rights but to run what is a program.
    """
    for member in tar:
        inside = (into / member.name).resolve().is_relative_to(into.resolve())
        if not inside or not (member.isreg() or member.isdir()):
            raise tarfile.TarError(f"{member.name} does not belong into an archive")
        member.uid, member.gid = os.getuid(), os.getgid()
        runs = member.isdir() or member.mode & 0o100
        member.mode = 0o755 if runs else 0o644
        tar.extract(member, into)
