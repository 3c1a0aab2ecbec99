"""Pictures: rows that say what is shown, files in the shared storage.

Files are named by their content, `pictures/<digest>-<width>.<ending>`, so they never
change, may be cached for ever, and two servers that store one picture write the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Max
from django.urls import reverse

from shop.models import Picture, Product
from shop.picture_files import (
    ENCODINGS,
    WIDTHS,
    BadPicture,
    PictureFiles,
    make_files,
    widths_of,
)

__all__ = [
    "WIDTHS",
    "BadPicture",
    "digest_of",
    "picture_url",
    "picture_widths",
    "store_picture",
]

DIGEST_LENGTH = 32


def store_picture(
    master: bytes,
    *,
    alt: str,
    credit: str = "",
    product: Product | None = None,
    slot_name: str = "",
    made: PictureFiles | None = None,
) -> Picture:
    """Keep a picture of a product, or for a place in the shop's own pages.

    Repeatable: the same master for the same place gives the row there is, as it is,
    and encodes only if a file is missing. The files are written before the row, so a
    row's files are always there. Whoever has run make_files() already, in another
    process, passes its result as `made`. Raises BadPicture; changes nothing then.
    """
    digest = digest_of(master)
    there = Picture.objects.filter(
        digest=digest, product=product, slot_name=slot_name
    ).first()
    if there and _all_there(there):
        return there
    made = made or make_files(master)
    _write(digest, made)
    if there:
        return there
    with transaction.atomic():
        return Picture.objects.create(
            product=product,
            slot_name=slot_name,
            alt=alt,
            credit=credit,
            digest=digest,
            width=made.width,
            height=made.height,
            colour=made.colour,
            position=_next_position(product, slot_name),
        )


def digest_of(master: bytes) -> str:
    """The name under which a master's files lie."""
    return hashlib.sha256(master).hexdigest()[:DIGEST_LENGTH]


def picture_widths(picture: Picture) -> tuple[int, ...]:
    """The widths there are of it, narrowest first. No query."""
    return widths_of(picture.width)


def picture_url(picture: Picture, width: int, ending: str) -> str:
    """Address of the file of this width (or the widest there is) and format.

    `ending` is avif, webp or jpg. Asks neither database nor storage.
    """
    name = _file_name(picture.digest, min(width, picture_widths(picture)[-1]), ending)
    return reverse("shop:media", args=[name])


def _file_name(digest: str, width: int, ending: str) -> str:
    return f"pictures/{digest}-{width}.{ending}"


def _file_names(digest: str, widths: Iterable[int]) -> list[str]:
    return [
        _file_name(digest, width, ending) for width in widths for ending in ENCODINGS
    ]


def _all_there(picture: Picture) -> bool:
    names = _file_names(picture.digest, picture_widths(picture))
    return all(map(default_storage.exists, names))


def _write(digest: str, made: PictureFiles) -> None:
    """Write every file anew: one that a killed server left half written is replaced."""
    for (width, ending), content in made.files.items():
        name = _file_name(digest, width, ending)
        default_storage.delete(name)
        written = default_storage.save(name, ContentFile(content))
        if written != name:
            # Another server was faster, with the same bytes: theirs will do.
            default_storage.delete(written)


def _next_position(product: Product | None, slot_name: str) -> int:
    there = Picture.objects.filter(product=product, slot_name=slot_name)
    last = there.aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1
