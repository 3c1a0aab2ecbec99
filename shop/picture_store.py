"""Files of pictures in the shared storage: written, looked for, taken away.

A name begins with a digest of the content, so a file never changes, and servers that
write one name write the same. The storage is asked in the words of a folder, whatever
it is: FileNotFoundError, and OSError while it is away.

Two may be at one name at once: one writes a picture again that another is just taking
away. So whoever writes looks again after its row is there (see_that_they_stay), and
whoever takes away looks for rows afterwards and puts back (take_away). Whichever is
last sees the other, and the files are there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from shop.exceptions import PicturesAway

logger = logging.getLogger(__name__)

Files = Mapping[str, bytes]


def write(files: Files) -> None:
    """Write what is not there yet. Raises PicturesAway.

    What a killed server left half written is replaced. Files of a picture that could
    not be written whole have no row, so nobody sees them, and the sweep takes them.
    """
    try:
        for name, content in files.items():
            _write(name, content)
    except OSError as error:
        logger.warning("pictures not kept: the storage is away: %s", error)
        raise PicturesAway from error


def read(name: str) -> bytes:
    """Its content. Raises FileNotFoundError, or PicturesAway."""
    try:
        with default_storage.open(name) as file:
            return file.read()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise PicturesAway from error


def all_there(names: Iterable[str]) -> bool:
    """Raises PicturesAway."""
    try:
        return all(map(default_storage.exists, names))
    except OSError as error:
        raise PicturesAway from error


def see_that_they_stay(files: Files) -> None:
    """Write again what somebody took away before our row was there; else only look.

    Called when the row is committed. A storage that is away now is only noted: what
    it had, it will have again.
    """
    try:
        if not all_there(files):
            write(files)
    except PicturesAway:
        logger.warning("pictures not looked after: the storage is away")


def take_away(names: Iterable[str], is_wanted: Callable[[], bool]) -> int:
    """Delete them, and put them back if a row wants them by now; how many are gone.

    Called when no row wants them any more. Raises PicturesAway.
    """
    if is_wanted():
        return 0
    kept = {name: content for name in names if (content := _content(name)) is not None}
    try:
        for name in kept:
            default_storage.delete(name)
    except OSError as error:
        raise PicturesAway from error
    if is_wanted():
        write(kept)
        return 0
    return len(kept)


def try_to_take_away(names: Iterable[str], is_wanted: Callable[[], bool]) -> None:
    """As take_away(); what a storage that is away keeps, the sweep takes later."""
    try:
        take_away(names, is_wanted)
    except PicturesAway:
        logger.warning("pictures left for the sweep: the storage is away")


def _content(name: str) -> bytes | None:
    try:
        return read(name)
    except FileNotFoundError:
        return None


def _write(name: str, content: bytes) -> None:
    if default_storage.exists(name):
        if default_storage.size(name) == len(content):
            return
        default_storage.delete(name)
    written = default_storage.save(name, ContentFile(content))
    if written != name:
        # Another server was faster, with the same bytes: theirs will do.
        default_storage.delete(written)
