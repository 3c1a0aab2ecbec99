"""What search engines and phones are told about the shop."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET

import pytest
from django.conf import settings
from django.urls import reverse

from shop import sitemap
from shop.models import Picture, Product
from tests.shop import make
from tests.shop.storefront import (
    make_bread,
    open_shop,
    urls,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(db):
    return open_shop()


@pytest.fixture
def bread(shop):
    return make_bread()


def test_every_page_says_what_it_is(bread, client):
    titles = set()
    for url in urls(bread)[:3] + ["/allergens/"]:
        body = client.get(url).content.decode()
        title = re.search(r"<title>(.*?)</title>", body)[1]
        assert len(title) <= 60
        titles.add(title)
        assert re.search(r'<meta name="description" content="[^"]{20,}">', body)
        path = url.partition("?")[0]
        assert f'<link rel="canonical" href="{settings.SITE_URL}{path}">' in body
        assert re.search(r'<meta property="og:image" content="http[^"]+">', body)
    assert len(titles) == 4


def test_the_sitemap_lists_what_is_sold_under_the_public_address(bread, client):
    make.make_product(slug="hidden", is_listed=False)
    response = client.get("/sitemap.xml", headers={"host": "10.0.0.7"})
    found = [each.text for each in ET.fromstring(response.content).findall(".//{*}loc")]
    paths = [
        "/",
        "/allergens/",
        bread.category.get_absolute_url(),
        "/product/milk-bread/",
    ]
    assert found == [f"{settings.SITE_URL}{path}" for path in paths]


def test_robots_are_kept_from_private_pages(client):
    lines = client.get("/robots.txt").content.decode().splitlines()
    assert lines[0] == "User-agent: *"
    for name in ("shop:basket", "shop:checkout"):
        assert f"Disallow: {reverse(name)}" in lines
    assert f"Sitemap: {settings.SITE_URL}/sitemap.xml" in lines


def test_the_manifest_names_icons_that_exist(client):
    response = client.get("/manifest.webmanifest")
    assert response["Content-Type"] == "application/manifest+json"
    facts = json.loads(response.content)
    assert facts["name"] == settings.SHOP_NAME
    assert {icon["purpose"] for icon in facts["icons"]} == {"any", "maskable"}


# --- a sitemap of very many products -------------------------------------------------


@pytest.fixture
def two_shelves(shop, monkeypatch):
    """Seven products on two shelves; a file names three."""
    monkeypatch.setattr(sitemap, "PRODUCTS", 3)
    for shelf, number in (("breads", 4), ("rolls", 3)):
        category = make.make_category(slug=shelf, position=number)
        for n in range(number):
            make.make_product(slug=f"{shelf}-{n}", position=n, category=category)
    make.make_product(slug="hidden", is_listed=False)
    make.make_product(slug="not-sold", variant=False)


def locations(client, query=""):
    response = client.get(f"/sitemap.xml{query}")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/xml"
    assert response["X-Robots-Tag"] == "noindex, noodp, noarchive"
    root = ET.fromstring(response.content)
    found = [each.text for each in root.findall(".//{*}loc")]
    assert all(each.startswith(f"{settings.SITE_URL}/") for each in found)
    return [each.removeprefix(settings.SITE_URL) for each in found]


def test_a_large_sitemap_is_a_list_of_files_that_have_everything_once(
    two_shelves, client
):
    files = locations(client)
    assert files == [f"/sitemap.xml?p={n}" for n in (1, 2, 3)]
    parts = [locations(client, f"?p={n}") for n in (1, 2, 3)]
    pages = ["/", "/allergens/", "/category/rolls/", "/category/breads/"]
    assert parts == [
        [*pages, *(f"/product/rolls-{n}/" for n in range(3))],
        [f"/product/breads-{n}/" for n in range(3)],
        ["/product/breads-3/"],
    ]


@pytest.mark.parametrize("p", ["4", "1000"])
def test_a_file_of_the_sitemap_that_is_not_there_is_not_found(two_shelves, client, p):
    assert client.get(f"/sitemap.xml?p={p}").status_code == 404


def test_the_sitemap_names_a_product_s_first_picture(bread, client):
    for position in (1, 0):
        Picture.objects.create(
            product=bread,
            alt="Bread",
            digest=str(position) * 32,
            width=1200,
            height=900,
            colour="#d8ccb5",
            position=position,
        )
    root = ET.fromstring(client.get("/sitemap.xml").content)
    [image] = root.findall(".//{*}image/{*}loc")
    assert image.text.startswith(f"{settings.SITE_URL}/media/pictures/000")


def test_a_file_of_the_sitemap_is_kept_as_a_page(two_shelves, client):
    client.get("/sitemap.xml?p=2")
    again = client.get("/sitemap.xml?p=2")
    assert again["X-Page"] == "kept"
    Product.objects.filter(slug="breads-1").update(is_listed=False)
    assert "/product/breads-1/" not in locations(client, "?p=2")
