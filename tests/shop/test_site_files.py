"""What search engines and phones are told about the shop."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET

import pytest
from django.conf import settings
from django.urls import reverse

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
