"""Orphans are swept, and nothing that somebody is just storing."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage

from shop import picture_store
from shop.models import Picture, ProfilePicture
from shop.picture_sweep import sweep_pictures
from shop.pictures import digest_of, keep_upload, place_picture, store_picture
from shop.profile_pictures import set_profile_picture
from tests.shop.make import make_product, make_user
from tests.shop.pictures.corpus import photo
from tests.shop.pictures.stored import content, names

pytestmark = pytest.mark.django_db

NOW = timedelta(0)


def test_files_without_a_row_are_swept_and_all_others_stay(storage):
    kept = [set_profile_picture(make_user(), photo()).digest]
    kept.append(store_picture(photo(), alt="Bread", product=make_product()).digest)
    before = names()
    keep_upload(photo())  # whose form was refused, or whose server died
    gone = set_profile_picture(make_user(), photo())
    ProfilePicture.objects.filter(digest=gone.digest).delete()
    picture = store_picture(photo(), alt="Roll", product=make_product())
    picture.delete()
    assert len(names()) > len(before) + 10
    assert sweep_pictures(NOW) == 4 + 4 + 4
    assert names() == before
    assert sweep_pictures(NOW) == 0


def test_young_files_stay(storage):
    """Somebody may be about to make their row."""
    master = photo()
    made = keep_upload(master)
    before = names()
    assert sweep_pictures() == 0
    assert names() == before
    picture = place_picture(
        digest_of(master), made, alt="Bread", product=make_product()
    )
    assert sweep_pictures(NOW) == 0
    assert picture_store.all_there(before)
    assert Picture.objects.get() == picture


def test_files_that_are_not_pictures_of_ours_stay(memory):
    for name in ("pictures/readme.txt", "assets/a.css", "people/somebody.jpg"):
        default_storage.save(name, io.BytesIO(b"words"))
    assert sweep_pictures(NOW) == 0
    assert default_storage.exists("pictures/readme.txt")
    assert default_storage.exists("assets/a.css")


def test_an_empty_storage_is_swept_at_once(storage):
    assert sweep_pictures(NOW) == 0


def test_many_orphans_take_few_queries(memory, django_assert_num_queries):
    for nth in range(1200):
        default_storage.save(f"pictures/{nth:032x}-400.jpg", io.BytesIO(b"x"))
    with django_assert_num_queries(3):
        assert sweep_pictures() == 0


# --- two at one name -----------------------------------------------------------------
#
# Somebody stores a picture again that was thrown away long ago, while the sweep is just
# taking it. The sweep's two looks at the rows are the points where the other may come
# between; `between` puts the other's work exactly there.


def upload_again(master: bytes) -> None:
    store_picture(master, alt="Bread", product=make_product())


def take_with(master: bytes, at: int) -> tuple[int, Picture | None]:
    """The sweep takes the orphan away, and the upload comes before its look `at`."""
    digest = digest_of(master)
    orphan = [name for name in names() if digest in name]
    looks = []

    def is_wanted() -> bool:
        looks.append(1)
        if len(looks) == at:
            upload_again(master)
        return Picture.objects.filter(digest=digest).exists()

    taken = picture_store.take_away(orphan, is_wanted)
    return taken, Picture.objects.filter(digest=digest).first()


@pytest.mark.parametrize("at", [1, 2])
@pytest.mark.django_db(transaction=True)
def test_a_picture_stored_again_while_it_is_swept_keeps_its_files(storage, at):
    master = photo(400, 300)
    keep_upload(master)
    before = {name: content(name) for name in names()}
    taken, picture = take_with(master, at)
    assert (taken, picture.digest) == (0, digest_of(master))
    assert {name: content(name) for name in names()} == before


@pytest.mark.django_db(transaction=True)
def test_who_stores_looks_again_once_the_row_is_there(memory):
    """The sweep comes between the files and the row."""
    master = photo(400, 300)
    made = keep_upload(master)
    assert sweep_pictures(NOW) == 2
    picture = place_picture(
        digest_of(master), made, alt="Bread", product=make_product()
    )
    assert [name for name in names() if picture.digest in name] == names()
    assert len(names()) == 2


@pytest.mark.django_db(transaction=True)
def test_without_the_second_look_the_files_would_be_gone(memory, monkeypatch):
    """The control."""
    master = photo(400, 300)
    made = keep_upload(master)
    assert sweep_pictures(NOW) == 2
    monkeypatch.setattr(picture_store, "see_that_they_stay", lambda files: None)
    place_picture(digest_of(master), made, alt="Bread", product=make_product())
    assert names() == []
