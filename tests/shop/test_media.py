"""Files of the shared storage under /media/: the right ones, and nothing else."""

import io
import re
from xml.etree import ElementTree

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse

from shop.demo.bakery import CATEGORIES, PRODUCTS
from shop.svg_breads import draw, drawn_url
from shop.views.media import NOTHING_ALLOWED
from tests.shop.make import make_category, make_product

NAME = f"pictures/{'0a' * 16}-400"


@pytest.fixture
def stored():
    for ending in ("avif", "webp", "jpg"):
        default_storage.save(f"{NAME}.{ending}", io.BytesIO(b"crumb"))
    yield
    for ending in ("avif", "webp", "jpg"):
        default_storage.delete(f"{NAME}.{ending}")


@pytest.mark.parametrize(
    ("ending", "kind"),
    [("avif", "image/avif"), ("webp", "image/webp"), ("jpg", "image/jpeg")],
)
def test_a_picture_is_served_for_ever_and_may_do_nothing(client, stored, ending, kind):
    response = client.get(f"/media/{NAME}.{ending}")
    assert response.status_code == 200
    assert response.getvalue() == b"crumb"
    assert response["Content-Type"] == kind
    assert response["Content-Length"] == "5"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["ETag"] == f'"{"0a" * 16}-400.{ending}"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == NOTHING_ALLOWED
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")


def test_who_has_the_picture_is_not_sent_it_again(client, stored):
    tag = client.get(f"/media/{NAME}.webp")["ETag"]
    response = client.get(f"/media/{NAME}.webp", headers={"If-None-Match": tag})
    assert response.status_code == 304
    assert response.content == b""
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.django_db
def test_a_picture_asks_the_database_nothing(client, stored, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get(f"/media/{NAME}.jpg").status_code == 200


def test_head_is_answered_and_other_methods_are_not(client, stored):
    assert client.head(f"/media/{NAME}.jpg").status_code == 200
    assert client.post(f"/media/{NAME}.jpg").status_code == 405
    assert client.delete(f"/media/{NAME}.jpg").status_code == 405


@pytest.mark.parametrize(
    "name",
    [
        f"pictures/{'0b' * 16}-400.jpg",
        f"pictures/{'0a' * 16}-400.svg",
        f"pictures/{'0a' * 16}-400.html",
        f"pictures/{'0A' * 16}-400.jpg",
        f"pictures/{'0a' * 16}.jpg",
        f"pictures/../pictures/{'0a' * 16}-400.jpg",
        f"./pictures/{'0a' * 16}-400.jpg",
        f"mail/{'0a' * 16}-400.jpg",
        f"pictures/{'0a' * 16}-400.jpg\n",
        f"pictures/{'0a' * 16}-400.jpg/",
        "pictures/",
        "pictures",
        "../settings/base.py",
        "..%2f..%2fsettings%2fbase.py",
        "/etc/passwd",
        "pictures/\0",
        "pictures/%00.jpg",
        "drawn/../../secret.svg",
        "drawn/.svg",
        f"drawn/{'a' * 51}.svg",
        "drawn/bread.png",
        "ordinary.txt",
    ],
)
def test_every_other_name_is_not_there(client, stored, name, db):
    response = client.get("/media/" + name.replace("\n", "%0A").replace("\0", "%00"))
    assert response.status_code == 404
    assert b"crumb" not in response.content


@pytest.mark.django_db
def test_a_product_without_picture_has_a_drawing(client, django_assert_num_queries):
    product = make_product(name="Butter croissant", slug="butter-croissant")
    assert drawn_url(product.slug) == "/media/drawn/butter-croissant.svg"
    with django_assert_num_queries(1):
        response = client.get(drawn_url(product.slug))
    assert response.status_code == 200
    assert response["Content-Type"] == "image/svg+xml"
    assert response["Cache-Control"] == "public, max-age=86400"
    assert response["Content-Security-Policy"] == NOTHING_ALLOWED
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response.content.startswith(b"<svg")


@pytest.mark.django_db
def test_an_unchanged_drawing_is_not_sent_again(client):
    make_product(slug="rye-loaf")
    tag = client.get(drawn_url("rye-loaf"))["ETag"]
    response = client.get(drawn_url("rye-loaf"), headers={"If-None-Match": tag})
    assert response.status_code == 304


@pytest.mark.django_db
def test_there_is_no_drawing_of_a_product_that_is_not_there(client):
    assert client.get(drawn_url("nothing")).status_code == 404


@pytest.mark.django_db
def test_hostile_names_do_not_get_into_the_drawing(client):
    make_product(
        name='<script>alert(1)</script>"',
        slug="script",
        category=make_category(name="&<>", slug="odd"),
    )
    content = client.get(drawn_url("script")).content
    assert b"script" not in content
    ElementTree.fromstring(content)


def words(product):
    return f"{product.name} {CATEGORIES[product.category][0]}"


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: product.slug)
def test_drawings_are_small_proper_and_always_the_same(product):
    svg = draw(product.slug, words(product))
    assert 1000 < len(svg) < 5000
    ElementTree.fromstring(svg)
    assert svg == draw(product.slug, words(product))
    assert not re.search(r"style=|<script|href=|-?\d+\.\d{4,}|nan", svg)


def test_the_shape_follows_from_the_words():
    assert draw("a", "Croissant") != draw("a", "Pretzel")
    assert draw("a", "Lemon tart Cakes") == draw("a", "Almond tart Cakes")
    # Somebody who calls it something nobody has heard of gets a bun.
    assert draw("a", "Schnusselpuff") == draw("a", "Bun")


def test_the_media_page_is_where_pictures_point(db):
    assert reverse("shop:media", args=["pictures/x.jpg"]) == "/media/pictures/x.jpg"
