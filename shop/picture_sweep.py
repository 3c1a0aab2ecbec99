"""Takes away files of pictures that no row speaks of any more.

They are left by a picture that was replaced or deleted, an upload that was refused in
the end, a server that was killed. A file that is young stays: somebody may be about to
make its row.
"""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice

from django.core.files.storage import default_storage
from django.db.models import Model
from django.utils import timezone

from shop.models import Picture, ProfilePicture
from shop.picture_store import take_away

logger = logging.getLogger(__name__)

YOUNG = timedelta(days=1)
AT_A_TIME = 500
# Which rows speak of the files in each folder.
FOLDERS: dict[str, type[Model]] = {
    "pictures": Picture,
    "masters": Picture,
    "people": ProfilePicture,
}
OURS = re.compile(r"(?P<digest>[0-9a-f]{32})(?:-\d{1,4})?(?:_\w{7})?\.[a-z]{3,4}")


def sweep_pictures(young: timedelta = YOUNG) -> int:
    """Delete files of pictures that no row wants and that are not young; how many.

    Repeatable, on any server, beside uploads: a picture that is being stored keeps its
    files, also if it is one that was thrown away before. Files of other names than
    ours are left alone. Raises OSError or PicturesAway if the storage is away.
    """
    taken = 0
    for folder, model in FOLDERS.items():
        for digest, names in _orphans(folder, model):
            if not any(_is_young(name, young) for name in names):
                wanted = model.objects.filter(digest=digest)
                taken += take_away(names, wanted.exists)
    if taken:
        logger.info("pictures swept: files=%s", taken)
    return taken


def _orphans(folder: str, model: type[Model]) -> Iterator[tuple[str, list[str]]]:
    """Digests no row has, with their files. The files are listed before the rows."""
    found = _files_in(folder)
    digests = iter(found)
    while some := list(islice(digests, AT_A_TIME)):
        rows = model.objects.filter(digest__in=some)
        wanted = set(rows.values_list("digest", flat=True))
        yield from ((each, found[each]) for each in some if each not in wanted)


def _files_in(folder: str) -> dict[str, list[str]]:
    found = defaultdict(list)
    for name in _names_in(folder):
        if match := OURS.fullmatch(name):
            found[match["digest"]].append(f"{folder}/{name}")
    return found


def _names_in(folder: str) -> Iterable[str]:
    try:
        return sorted(default_storage.listdir(folder)[1])
    except FileNotFoundError:  # nothing was ever stored there
        return []


def _is_young(name: str, young: timedelta) -> bool:
    try:
        return timezone.now() - default_storage.get_modified_time(name) < young
    except FileNotFoundError:  # gone meanwhile
        return False
