"""Pictures of people: on every storage, whole or not at all, and gone when removed."""

from __future__ import annotations

import io
import threading

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from PIL import Image

from shop.initials import draw_initials, initials_of
from shop.models import ProfilePicture
from shop.picture_rules import BadPicture
from shop.profile_pictures import (
    file_names,
    profile_picture_of,
    profile_picture_url,
    remove_profile_picture,
    set_profile_picture,
)
from tests.shop.make import make_user
from tests.shop.pictures.corpus import HIDDEN, REFUSED, photo, with_gps
from tests.shop.pictures.stored import content, names

pytestmark = pytest.mark.django_db


def test_a_picture_is_stored_in_four_files_and_nothing_else(storage):
    user = make_user()
    picture = set_profile_picture(user, with_gps())
    assert ProfilePicture.objects.get().digest == picture.digest
    assert names() == sorted(file_names(picture.digest))
    for name in names():
        made = content(name)
        assert not [hidden for hidden in HIDDEN if hidden in made]
        side = 96 if "-96." in name else 256
        assert Image.open(io.BytesIO(made)).size == (side, side)


def test_another_picture_replaces_the_one_before(storage):
    user = make_user()
    first = set_profile_picture(user, photo(600, 600))
    second = set_profile_picture(user, photo(600, 600))
    assert first.digest != second.digest
    assert ProfilePicture.objects.get().digest == second.digest
    assert names() == sorted(file_names(second.digest))


def test_the_same_picture_again_changes_nothing(storage):
    user, master = make_user(), photo()
    first = set_profile_picture(user, master)
    before = {name: content(name) for name in names()}
    assert set_profile_picture(user, master).digest == first.digest
    assert {name: content(name) for name in names()} == before
    assert ProfilePicture.objects.count() == 1


def test_the_same_picture_of_two_people_lies_there_twice(storage):
    one, other, master = make_user(), make_user(), photo()
    digests = {set_profile_picture(user, master).digest for user in (one, other)}
    assert len(digests) == 2
    assert remove_profile_picture(one)
    assert names() == sorted(file_names(other.picture.digest))


def test_a_removed_picture_leaves_nothing(storage):
    user = make_user()
    set_profile_picture(user, photo())
    assert remove_profile_picture(user)
    assert not ProfilePicture.objects.exists()
    assert names() == []
    assert not remove_profile_picture(user)


def test_a_picture_that_came_back_after_a_half_written_one_is_whole(storage):
    user, master = make_user(), photo()
    digest = set_profile_picture(user, master).digest
    name = file_names(digest)[0]
    default_storage.delete(name)
    default_storage.save(name, io.BytesIO(b"half"))
    set_profile_picture(user, master)
    assert Image.open(io.BytesIO(content(name))).size == (96, 96)
    assert len(names()) == 4


@pytest.mark.parametrize("name", ["half a JPEG", "an SVG with a script", "10,000 by 1"])
def test_a_refused_picture_changes_nothing(memory, name):
    user = make_user()
    set_profile_picture(user, photo())
    before = names()
    with pytest.raises(BadPicture):
        set_profile_picture(user, REFUSED[name][1]())
    assert names() == before
    assert ProfilePicture.objects.count() == 1


def test_who_deletes_a_user_deletes_the_row(memory):
    user = make_user()
    set_profile_picture(user, photo())
    user.delete()
    assert not ProfilePicture.objects.exists()


def test_a_picture_s_address_needs_no_query(memory, django_assert_num_queries):
    user = make_user()
    picture = set_profile_picture(user, photo())
    user.refresh_from_db()
    with django_assert_num_queries(1):
        shown = profile_picture_of(user)
    with django_assert_num_queries(0):
        url = profile_picture_url(shown, 96, "webp")
    assert url == f"/media/people/{picture.digest}-96.webp"


def test_the_picture_is_served_to_browsers_and_kept_by_no_shared_cache(memory, client):
    picture = set_profile_picture(make_user(), photo())
    for ending, kind in (("webp", "image/webp"), ("jpg", "image/jpeg")):
        response = client.get(profile_picture_url(picture, 256, ending))
        assert response.status_code == 200
        assert response["Content-Type"] == kind
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Security-Policy"].startswith(
            "sandbox; default-src 'none'"
        )
        assert response["Cache-Control"] == "private, max-age=31536000, immutable"
    assert client.get(f"/media/people/{'0' * 32}-96.jpg").status_code == 404
    assert client.get(f"/media/masters/{picture.digest}.jpg").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_uploads_at_once_leave_one_picture_that_is_whole(memory, monkeypatch):
    monkeypatch.setattr("shop.picture_decoding.TURN_SECONDS", 30)
    user, count = make_user(), 4
    masters, start = [photo(300, 300) for _ in range(count)], threading.Barrier(count)

    def send(master):
        try:
            start.wait()
            set_profile_picture(user, master)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=[master]) for master in masters]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    shown = ProfilePicture.objects.get()
    assert names() == sorted(file_names(shown.digest))


@pytest.mark.parametrize(
    ("name", "email", "letters"),
    [
        ("Mina Ssoni", "m@example.com", "MS"),
        ("Mina van der Ssoni", "m@example.com", "MS"),
        ("mina", "x@example.com", "M"),
        ("", "ssoni@example.com", "S"),
        ("  ", "ssoni@example.com", "S"),
        ("🍞 Bäcker", "b@example.com", "B"),
        ("Ümit Özil", "b@example.com", "ÜÖ"),
        ("<b> <i>", "b@example.com", "B"),
        ("김 민지", "k@example.com", "김민"),
        ("ﬁ ß", "k@example.com", "FI"),
    ],
)
def test_initials_are_one_or_two_letters(name, email, letters):
    user = make_user(name=name, email=f"{letters.encode().hex()}-{email}")
    user.email = email
    assert initials_of(user) == letters


def test_letters_cannot_become_markup():
    assert "&lt;&amp;" in draw_initials("<&")
