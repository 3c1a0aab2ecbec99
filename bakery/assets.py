"""Puts the static files that were gathered here into the vault, and tidies it up."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.utils import timezone

from bakery import vault
from bakery.migrating import Lock, alone

TIDYING = Lock(0xFADC, "assets.lock", "putting its static files away")
WAIT_SECONDS = 300


def gather_static_files() -> None:
    """Into STATIC_ROOT, hashed and compressed; for one process of a machine at a time.

    A release that was made has them inside, and is not written into. Elsewhere files
    are away for a moment while they are written anew: a server that has the same
    folder then takes them out of the vault.
    """
    if settings.IS_RELEASE:
        return
    with _files_stay():
        call_command("collectstatic", interactive=False, verbosity=0)


def keep_assets(say: Callable[[str], object]) -> None:
    """Put this release's hashed files into the vault and prune it.

    Repeatable, on any number of servers at once: one after the other. Where files have
    no hashed names, as in development, nothing is done. Raises OSError if the storage
    is away, OperationalError if the database is, and bakery.migrating.StillLocked.
    """
    hashed = getattr(staticfiles_storage, "hashed_files", None)
    if not hashed:
        return
    root, names = Path(settings.STATIC_ROOT), sorted(set(hashed.values()))
    with alone(WAIT_SECONDS, say, TIDYING), _files_stay():
        now = timezone.now()
        vault.keep(settings.RELEASE, now, root, names)
        vault.prune(now)


@contextmanager
def _files_stay() -> Iterator[None]:
    """Nobody else on this machine writes the static files anew meanwhile."""
    with Path(settings.VAR_DIR, "static.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
