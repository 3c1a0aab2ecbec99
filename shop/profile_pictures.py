"""Pictures of people with an account: small squares in the shared storage.

A file's name is made from its content and whose it is, under the shop's key: nobody
finds out from a picture whether somebody has it here, and no two people share a file.
"""

from __future__ import annotations

import hashlib

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from shop import picture_store
from shop.models import ProfilePicture, User
from shop.picture_decoding import decode
from shop.picture_rules import SQUARE_ENDINGS, SQUARES, PictureFiles

DIGEST_LENGTH = 32


def set_profile_picture(user: User, master: bytes) -> ProfilePicture:
    """Show this picture of the user from now on; the one before is taken away.

    Repeatable. The files are written before the row, so a row's files are always
    there. Raises BadPicture, PicturesBusy or PicturesAway; changes nothing then.
    """
    made = decode("square", master)
    digest = _digest_of(user, made)
    files = {_file_name(digest, *which): data for which, data in made.files.items()}
    picture_store.write(files)
    before = _put_row(user, digest)
    picture_store.see_that_they_stay(files)
    if before and before != digest:
        take_files_away(before)
    return ProfilePicture(user=user, digest=digest)


def remove_profile_picture(user: User) -> bool:
    """Take the user's picture away, row and files; was there one?

    Repeatable. Files in a storage that is away go with the next sweep: nothing points
    to them any more.
    """
    there = ProfilePicture.objects.filter(user=user).first()
    if there is None:
        return False
    ProfilePicture.objects.filter(user=user, digest=there.digest).delete()
    take_files_away(there.digest)
    return True


def profile_picture_of(user: User) -> ProfilePicture | None:
    """One query, or none if it was loaded with the user."""
    return getattr(user, "picture", None)


def profile_picture_url(picture: ProfilePicture, side: int, ending: str) -> str:
    """Address of the square of 96 or 256 pixels, as webp or jpg. No query."""
    return reverse("shop:media", args=[_file_name(picture.digest, side, ending)])


def file_names(digest: str) -> list[str]:
    return [
        _file_name(digest, side, ending)
        for side in SQUARES
        for ending in SQUARE_ENDINGS
    ]


def _put_row(user: User, digest: str) -> str:
    """Make or change the user's row; gives the digest that was there before."""
    facts = {"digest": digest, "changed_at": timezone.now()}
    with transaction.atomic():
        locked = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
        row, is_new = ProfilePicture.objects.get_or_create(user=locked, defaults=facts)
        before = "" if is_new else row.digest
        ProfilePicture.objects.filter(pk=row.pk).update(**facts)
    return before


def take_files_away(digest: str) -> None:
    """Unless a row has the digest. Called when it has been committed that none has."""
    wanted = ProfilePicture.objects.filter(digest=digest)
    picture_store.try_to_take_away(file_names(digest), wanted.exists)


def _digest_of(user: User, made: PictureFiles) -> str:
    content = hashlib.sha256()
    for which in sorted(made.files):
        content.update(made.files[which])
    whose = f"{user.pk}:{content.hexdigest()}"
    digest = salted_hmac("shop.profile_pictures", whose, algorithm="sha256")
    return digest.hexdigest()[:DIGEST_LENGTH]


def _file_name(digest: str, side: int, ending: str) -> str:
    return f"people/{digest}-{side}.{ending}"
