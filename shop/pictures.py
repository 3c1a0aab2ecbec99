"""Pictures: rows that say what is shown, files in the shared storage.

Files are named by their content, `pictures/<digest>-<width>.<ending>`, so they never
change, may be cached for ever, and two servers that store one picture write the same.
Of a picture that somebody sent, the JPEG files are made at once and the smaller
formats soon after, by a worker, from the clean master `masters/<digest>.jpg`.
"""

from __future__ import annotations

import hashlib

from django.db import transaction
from django.db.models import Max
from django.urls import reverse

from shop import picture_store
from shop.models import Picture, Product
from shop.picture_decoding import decode
from shop.picture_rules import (
    AT_ONCE,
    LATER,
    WIDTHS,
    BadPicture,
    PictureFiles,
    widths_of,
)

__all__ = [
    "WIDTHS",
    "BadPicture",
    "digest_of",
    "endings_of",
    "keep_upload",
    "make_later_formats",
    "picture_url",
    "picture_widths",
    "place_picture",
    "store_picture",
]

DIGEST_LENGTH = 32


def keep_upload(master: bytes) -> PictureFiles:
    """Decode a picture that somebody sent, and keep its first files; no row yet.

    Takes a second and asks the storage, so never inside a transaction. Repeatable.
    Raises BadPicture, PicturesBusy or PicturesAway.
    """
    made = decode("upload", master)
    picture_store.write(_named(digest_of(master), made))
    return made


def place_picture(
    digest: str,
    made: PictureFiles,
    *,
    alt: str,
    credit: str = "",
    product: Product | None = None,
    slot_name: str = "",
) -> Picture:
    """The row of a picture whose files are kept already.

    Repeatable: the same picture in the same place gives the row there is, as it is.
    Atomic; queues the task that makes the formats which are not there yet.
    """
    from shop.tasks import make_formats  # tasks import this module

    place = {"product": product, "slot_name": slot_name}
    with transaction.atomic():
        picture = Picture.objects.filter(digest=digest, **place).first()
        picture = picture or Picture.objects.create(
            digest=digest,
            alt=alt,
            credit=credit,
            width=made.width,
            height=made.height,
            colour=made.colour,
            position=_next_position(**place),
            has_all_formats=not made.clean,
            **place,
        )
        if made.clean:
            _show_first_formats_only(picture)
            make_formats.enqueue(picture.pk)
        files = _named(digest, made)
        transaction.on_commit(lambda: picture_store.see_that_they_stay(files))
    return picture


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
    row's files are always there. Whoever has made its files already passes them as
    `made`. Raises BadPicture, PicturesBusy or PicturesAway; changes nothing then.
    """
    digest = digest_of(master)
    place = {"product": product, "slot_name": slot_name}
    there = Picture.objects.filter(digest=digest, **place).first()
    if there and _all_there(there):
        return there
    if made is None:
        made = keep_upload(master)
    else:
        picture_store.write(_named(digest, made))
    return place_picture(digest, made, alt=alt, credit=credit, **place)


def make_later_formats(picture_id: int) -> bool:
    """Make the files that were left for later; is there anything to show now?

    Repeatable. Raises PicturesAway or PicturesBusy, to be tried again.
    """
    picture = Picture.objects.filter(pk=picture_id, has_all_formats=False).first()
    if picture is None:
        return False
    clean = picture_store.read(_master_name(picture.digest))
    made = decode("formats", clean)
    files = _named(picture.digest, made)
    picture_store.write(files)
    same = Picture.objects.filter(pk=picture_id, digest=picture.digest)
    is_shown = same.update(has_all_formats=True) == 1
    if is_shown:
        picture_store.see_that_they_stay(files)
    return is_shown


def digest_of(master: bytes) -> str:
    """The name under which a master's files lie."""
    return hashlib.sha256(master).hexdigest()[:DIGEST_LENGTH]


def picture_widths(picture: Picture) -> tuple[int, ...]:
    """The widths there are of it, narrowest first. No query."""
    return widths_of(picture.width)


def endings_of(picture: Picture) -> tuple[str, ...]:
    """The formats there are of it, the smallest files first. No query."""
    return (*LATER, *AT_ONCE) if picture.has_all_formats else AT_ONCE


def picture_url(picture: Picture, width: int, ending: str) -> str:
    """Address of the file of this width (or the widest there is) and format.

    `ending` is avif, webp or jpg. Asks neither database nor storage.
    """
    name = _file_name(picture.digest, min(width, picture_widths(picture)[-1]), ending)
    return reverse("shop:media", args=[name])


def _file_name(digest: str, width: int, ending: str) -> str:
    return f"pictures/{digest}-{width}.{ending}"


def _master_name(digest: str) -> str:
    """Not among the pictures: nothing outside ever asks for it."""
    return f"masters/{digest}.jpg"


def _named(digest: str, made: PictureFiles) -> dict[str, bytes]:
    files = {_file_name(digest, *which): data for which, data in made.files.items()}
    return files | ({_master_name(digest): made.clean} if made.clean else {})


def _all_there(picture: Picture) -> bool:
    return picture_store.all_there(
        _file_name(picture.digest, width, ending)
        for width in picture_widths(picture)
        for ending in endings_of(picture)
    )


def _show_first_formats_only(picture: Picture) -> None:
    Picture.objects.filter(pk=picture.pk).update(has_all_formats=False)
    picture.has_all_formats = False


def _next_position(product: Product | None, slot_name: str) -> int:
    there = Picture.objects.filter(product=product, slot_name=slot_name)
    last = there.aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1
