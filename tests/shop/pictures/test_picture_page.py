"""/account/picture/: one's own picture, sent by a plain form."""

from __future__ import annotations

import re
import threading

import pytest
from allauth.account.models import EmailAddress
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shop import picture_decoding
from shop.models import ProfilePicture
from shop.picture_rules import MOST_BYTES, TOO_LARGE
from shop.profile_pictures import set_profile_picture
from tests.shop.make import make_user
from tests.shop.pictures.corpus import REFUSED, TAKEN, photo
from tests.shop.pictures.stored import names
from tests.shop.shopper import text, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("memory")]

PAGE = "/account/picture/"
REMOVAL = "/account/picture/removal/"


def make_shopper(**facts):
    """Somebody with an account and a proved address, logged in."""
    user = make_user(**facts)
    EmailAddress.objects.create(
        user=user, email=user.email, verified=True, primary=True
    )
    client = Client()
    client.force_login(user)
    return client, user


@pytest.fixture
def shopper():
    return make_shopper(name="Mina Ssoni")


def send(client, content, name="me.jpg", **headers):
    file = SimpleUploadedFile("x", content, "image/jpeg")
    file._name = name  # as the browser says it, unclean
    return client.post(PAGE, {"file": file}, **headers)


def test_without_a_picture_the_page_shows_initials(shopper):
    page = shopper[0].get(PAGE)
    assert page.status_code == 200
    assert ">MS</span>" in words(page)
    assert "we show your initials" in text(page)
    assert "Remove" not in text(page)
    assert page["Cache-Control"] == "private, no-store"


def test_a_picture_is_sent_shown_and_removed(shopper):
    client, user = shopper
    answer = send(client, photo())
    assert (answer.status_code, answer["Location"]) == (303, PAGE)
    page = client.get(PAGE)
    assert "Your new picture is there." in text(page)
    addresses = set(re.findall(r"/media/people/[0-9a-f]{32}-256\.\w+", words(page)))
    assert len(addresses) == 2
    for address in addresses:
        assert Client().get(address).status_code == 200
    answer = client.post(REMOVAL)
    assert (answer.status_code, answer["Location"]) == (303, PAGE)
    assert "Your picture is removed." in text(client.get(PAGE))
    assert not ProfilePicture.objects.exists()
    for address in addresses:
        assert Client().get(address).status_code == 404
    assert "removed" not in text(client.get(PAGE))
    assert client.post(REMOVAL).status_code == 303


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(REFUSED.keys() - {"a JPEG of many scans"}))
def test_every_bad_file_gets_a_sentence_and_changes_nothing(shopper, name):
    client, user = shopper
    assert send(client, photo(300, 300)).status_code == 303
    before, digest = names(), user.picture.digest
    file_name, make, sentence = REFUSED[name]
    answer = send(client, make(), file_name)
    assert answer.status_code == 422
    said = text(answer)
    assert "There is a problem" in said
    assert (sentence if name != "nothing" else "This file is empty.") or "Th" in said
    assert words(answer).count("<title>Error: ") == 1
    assert "<script>alert" not in words(answer)
    assert names() == before
    assert ProfilePicture.objects.get().digest == digest


@pytest.mark.slow
@pytest.mark.parametrize("name", TAKEN)
def test_every_picture_is_taken_whatever_it_is_called(shopper, name):
    client, user = shopper
    file_name, make = TAKEN[name]
    assert send(client, make(), file_name).status_code == 303
    assert len(names()) == 4
    assert all(re.fullmatch(r"people/[0-9a-f]{32}-\d+\.(webp|jpg)", n) for n in names())


@pytest.mark.parametrize("data", [{}, {"file": ""}, {"file": "words"}])
def test_no_file_is_asked_for(shopper, data):
    answer = shopper[0].post(PAGE, data)
    assert answer.status_code == 422
    assert "Choose a picture file first." in text(answer)


def test_a_file_that_is_too_large_is_not_even_kept_to_look_at(shopper):
    answer = send(shopper[0], photo() + bytes(3 * MOST_BYTES))
    assert answer.status_code == 422
    assert TOO_LARGE in text(answer)


def test_a_busy_server_says_so_and_changes_nothing(shopper, monkeypatch):
    monkeypatch.setattr(picture_decoding, "TURN_SECONDS", 0.01)
    client, user = shopper
    assert picture_decoding._turn.acquire(blocking=False)
    try:
        answer = send(client, photo())
    finally:
        picture_decoding._turn.release()
    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert "We are busy with other pictures just now." in text(answer)
    assert names() == []
    assert send(client, photo()).status_code == 303


def test_nobody_sends_pictures_all_day(shopper, settings):
    assert settings.ACCOUNT_RATE_LIMITS["profile_picture"] == "30/h/user"
    settings.ACCOUNT_RATE_LIMITS = {"profile_picture": "2/h/user"}
    client, _ = shopper
    for _ in range(2):
        assert send(client, b"words").status_code == 422
    answer = send(client, photo())
    assert answer.status_code == 429
    assert answer["Retry-After"] == "600"
    assert "try again later" in text(answer)
    assert names() == []
    other, _ = make_shopper()
    assert send(other, photo()).status_code == 303


def test_who_is_not_logged_in_is_sent_to_the_log_in():
    for path in (PAGE, REMOVAL):
        answer = Client().post(path)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/account/auth/")
    assert Client().get(PAGE).status_code == 302
    assert names() == []


def test_nobody_sends_or_removes_a_picture_from_another_site():
    client, user = make_shopper()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    assert send(client, photo()).status_code == 303
    before = names()
    assert strict.post(REMOVAL).status_code == 403
    assert send(strict, photo()).status_code == 403
    assert names() == before


def test_other_methods_are_refused(shopper):
    client, _ = shopper
    assert client.get(REMOVAL).status_code == 405
    assert client.put(PAGE).status_code == 405
    assert client.delete(PAGE).status_code == 405


def test_the_picture_costs_the_page_one_query(shopper, django_assert_num_queries):
    client, user = shopper
    client.get(PAGE)  # makes the customer
    with CaptureQueriesContext(connection) as before:
        client.get(PAGE)
    set_profile_picture(user, photo(300, 300))
    with django_assert_num_queries(len(before)):
        client.get(PAGE)
    assert sum("profilepicture" in each["sql"] for each in before) == 1


@pytest.mark.django_db(transaction=True)
def test_two_browsers_at_once_both_get_an_answer(monkeypatch):
    monkeypatch.setattr(picture_decoding, "TURN_SECONDS", 30)
    _, user = make_shopper()
    start, statuses = threading.Barrier(3), []

    def press():
        try:
            client = Client()
            client.force_login(user)
            start.wait()
            statuses.append(send(client, photo(300, 300)).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [303] * 3
    assert len(names()) == 4
