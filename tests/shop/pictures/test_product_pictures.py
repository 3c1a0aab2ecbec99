"""Uploaded pictures of products: seen at once, the smaller formats soon after."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django_tasks_db.models import DBTaskResult

from shop import picture_decoding
from shop.models import Picture
from shop.pictures import digest_of, picture_url, store_picture
from shop.roles import OWNER
from shop.tasks import make_formats
from tests.shop.admin.forms import data_of, problems
from tests.shop.make import make_product
from tests.shop.pictures.corpus import HIDDEN, REFUSED, photo, with_gps
from tests.shop.pictures.stored import content, names
from tests.shop.shopper import words
from tests.shop.staffing import client_of, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return client_of(make_staff(OWNER))


def upload(owner, product, *masters, **typed):
    facts = {"pictures-TOTAL_FORMS": len(masters)}
    for nth, master in enumerate(masters):
        facts |= {
            f"pictures-{nth}-alt": "A brown loaf",
            f"pictures-{nth}-credit": "",
            f"pictures-{nth}-position": 0,
            f"pictures-{nth}-file": SimpleUploadedFile("a.jpg", master),
        }
    address = f"/admin/shop/product/{product.pk}/change/"
    return owner.post(address, data_of(owner.get(address)) | facts | typed)


def queued() -> list[int]:
    tasks = DBTaskResult.objects.filter(task_path="shop.tasks.make_formats")
    return [task.args_kwargs["args"][0] for task in tasks]


def test_an_uploaded_picture_is_on_the_page_with_the_next_request(storage, owner):
    product, master = make_product(), with_gps()
    answer = upload(owner, product, master)
    assert answer.status_code == 302, problems(answer)
    picture = Picture.objects.get()
    assert not picture.has_all_formats
    page = words(Client().get(product.get_absolute_url()))
    assert picture_url(picture, 800, "jpg") in page
    assert ".avif" not in page
    assert Client().get(picture_url(picture, 800, "jpg")).status_code == 200
    assert Client().get(picture_url(picture, 800, "avif")).status_code == 404
    digest = digest_of(master)
    assert names() == [f"masters/{digest}.jpg"] + sorted(
        f"pictures/{digest}-{width}.jpg" for width in (400, 800, 1200)
    )
    for name in names():
        assert not [hidden for hidden in HIDDEN if hidden in content(name)]


def test_the_worker_makes_the_smaller_formats_once(storage, owner):
    product = make_product()
    upload(owner, product, photo())
    picture = Picture.objects.get()
    assert queued() == [picture.pk]
    assert make_formats.func(picture.pk)
    page = words(Client().get(product.get_absolute_url()))
    for ending in ("avif", "webp", "jpg"):
        assert picture_url(picture, 800, ending) in page
        assert Client().get(picture_url(picture, 800, ending)).status_code == 200
    before = {name: content(name) for name in names()}
    assert not make_formats.func(picture.pk)
    assert {name: content(name) for name in names()} == before
    assert len(before) == 10


def test_formats_of_a_picture_that_is_gone_are_no_error(memory):
    picture = store_picture(photo(), alt="A loaf", product=make_product())
    picture.delete()
    assert not make_formats.func(picture.pk)


def test_a_refused_form_leaves_no_row_and_no_task(memory, owner):
    product = make_product()
    answer = upload(owner, product, photo(), name="")
    assert answer.status_code == 200
    assert not Picture.objects.exists()
    assert queued() == []


def test_a_form_with_one_bad_picture_changes_nothing(memory, owner):
    product = make_product()
    answer = upload(owner, product, photo(), REFUSED["half a JPEG"][1]())
    assert answer.status_code == 200
    assert "damaged or cut short" in problems(answer)
    assert not Picture.objects.exists()
    assert queued() == []


def test_two_pictures_in_one_form_are_both_taken(memory, owner):
    product = make_product()
    answer = upload(owner, product, photo(), photo())
    assert answer.status_code == 302, problems(answer)
    assert product.pictures.count() == 2
    assert sorted(queued()) == sorted(product.pictures.values_list("pk", flat=True))


def test_the_same_picture_twice_is_one_row_with_its_files(memory, owner):
    product, master = make_product(), photo()
    store_picture(master, alt="A loaf", product=product)
    make_formats.func(Picture.objects.get().pk)
    before = names()
    answer = upload(owner, make_product(), master)
    assert answer.status_code == 302, problems(answer)
    assert Picture.objects.count() == 2
    assert names() == before


def test_a_busy_server_asks_the_owner_to_come_again(memory, owner, monkeypatch):
    monkeypatch.setattr(picture_decoding, "TURN_SECONDS", 0.01)
    product = make_product()
    with picture_decoding._turn:
        answer = upload(owner, product, photo())
    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert "We are busy with other pictures" in problems(answer)
    assert not Picture.objects.exists()


def test_who_may_not_change_products_makes_the_server_decode_nothing(memory):
    baker = client_of(make_staff("baker"))
    address = f"/admin/shop/product/{make_product().pk}/change/"
    with picture_decoding._turn:  # whoever decodes would have to wait, and say so
        answer = baker.post(address, {"a": SimpleUploadedFile("a.jpg", photo())})
    assert answer.status_code == 403
    assert names() == []
