"""The storage dies: the shop sells on, pictures fall back, uploads say "later"."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django_tasks_db.models import DBTaskResult

from bakery.servers.seaweed import S3
from shop.exceptions import PicturesAway
from shop.models import Picture, ProfilePicture
from shop.picture_sweep import sweep_pictures
from shop.pictures import picture_url, store_picture
from shop.profile_pictures import (
    profile_picture_url,
    remove_profile_picture,
    set_profile_picture,
)
from shop.roles import OWNER
from shop.tasks import make_formats
from tests.processes import wait_until
from tests.shop.admin.forms import data_of, problems
from tests.shop.make import make_product, make_slot, make_user
from tests.shop.pictures.conftest import start_s3, use_bucket
from tests.shop.pictures.corpus import photo
from tests.shop.pictures.stored import names
from tests.shop.pictures.test_picture_page import PAGE, make_shopper, send
from tests.shop.shopper import Shopper, text
from tests.shop.staffing import client_of, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def mortal(tmp_path: Path, settings) -> Iterator[S3]:
    """An S3 of the test's own, to be killed, behind the default storage."""
    s3 = start_s3(tmp_path)
    use_bucket(settings, s3)
    yield s3
    s3.program.kill()


def start_again(s3: S3) -> None:
    """Returns when it keeps files again, which is later than it listens."""
    s3.program.start()
    s3.program.wait_until_up(60)
    assert wait_until(keeps_a_file, 120)
    default_storage.delete("probe")


def keeps_a_file() -> bool:
    try:
        return bool(default_storage.save("probe", ContentFile(b"x")))
    except OSError:
        return False


def test_an_upload_says_later_and_keeps_nothing_half_done(mortal):
    client, user = make_shopper()
    assert send(client, photo(600, 600)).status_code == 303
    before, digest = names(), ProfilePicture.objects.get().digest
    mortal.program.kill()
    started = time.monotonic()
    answer = send(client, photo(600, 600))
    assert time.monotonic() - started < 20
    assert answer.status_code == 503
    assert answer["Retry-After"] == "60"
    assert "We cannot keep pictures just now. Nothing was changed" in text(answer)
    assert ProfilePicture.objects.get().digest == digest
    start_again(mortal)
    assert names() == before
    assert send(client, photo(600, 600)).status_code == 303


def test_the_shop_sells_on_and_pictures_fall_back(mortal):
    product = make_product(name="Butter croissant")
    picture = store_picture(photo(), alt="A croissant", product=product)
    person = set_profile_picture(make_user(name="Mina Ssoni"), photo())
    slot = make_slot()
    mortal.program.kill()
    shopper = Shopper()
    for path in ("/", product.get_absolute_url(), "/search/?q=croissant"):
        assert shopper.get(path).status_code == 200
    shopper.fill(product.variants.get(), slot)
    page = shopper.reach_last_screen()
    assert shopper.order(page).status_code == 303
    for address, drawn in (
        (picture_url(picture, 800, "avif"), b"viewBox"),
        (profile_picture_url(person, 96, "webp"), b">MS</text>"),
    ):
        answer = Client().get(address)
        assert answer.status_code == 200
        assert answer["Content-Type"] == "image/svg+xml"
        assert answer["Cache-Control"] == "no-store"
        assert drawn in answer.content
    assert Client().get(f"/media/people/{'0' * 32}-96.jpg").status_code == 200
    assert Client().get("/media/people/nobody.jpg").status_code == 404


def test_a_dead_storage_costs_no_page_more_than_a_moment(mortal):
    picture = store_picture(photo(), alt="A loaf", product=make_product())
    mortal.program.kill()
    address = picture_url(picture, 400, "jpg")
    Client().get(address)
    started = time.monotonic()
    for _ in range(20):
        assert Client().get(address)["Cache-Control"] == "no-store"
    assert time.monotonic() - started < 10


def test_who_removes_a_picture_now_sees_it_gone_and_the_sweep_does_the_rest(mortal):
    client, user = make_shopper()
    send(client, photo())
    mortal.program.kill()
    assert client.post(f"{PAGE}removal/").status_code == 303
    assert not ProfilePicture.objects.exists()
    assert not remove_profile_picture(user)
    with pytest.raises((OSError, PicturesAway)):
        sweep_pictures()
    start_again(mortal)
    assert len(names()) == 4
    assert sweep_pictures(timedelta(0)) == 4
    assert names() == []


def test_the_owner_is_told_later_and_keeps_what_was_typed(mortal):
    owner, product = client_of(make_staff(OWNER)), make_product()
    mortal.program.kill()
    address = f"/admin/shop/product/{product.pk}/change/"
    typed = {
        "pictures-TOTAL_FORMS": 1,
        "pictures-0-alt": "A brown loaf",
        "pictures-0-credit": "",
        "pictures-0-position": 0,
        "pictures-0-file": SimpleUploadedFile("a.jpg", photo()),
        "summary": "Typed with care",
    }
    answer = owner.post(address, data_of(owner.get(address)) | typed)
    assert answer.status_code == 503
    assert answer["Retry-After"] == "60"
    assert "We cannot keep pictures just now." in problems(answer)
    assert "Typed with care" in answer.content.decode()
    assert not Picture.objects.exists()
    product.refresh_from_db()
    assert product.summary == ""


def test_formats_that_cannot_be_made_now_are_made_later(mortal):
    picture = store_picture(photo(), alt="A loaf", product=make_product())
    task = DBTaskResult.objects.get(task_path="shop.tasks.make_formats")
    assert task.args_kwargs["args"] == [picture.pk]
    mortal.program.kill()
    with pytest.raises(PicturesAway):
        make_formats.func(picture.pk)
    picture.refresh_from_db()
    assert not picture.has_all_formats
    start_again(mortal)
    assert make_formats.func(picture.pk)
    picture.refresh_from_db()
    assert picture.has_all_formats
    assert len(names("pictures")) == 9
