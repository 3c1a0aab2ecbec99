"""What tests of the catalogue's pages share: a shop, a bread, reading a page."""

from __future__ import annotations

import datetime as dt
import json
import re

from shop.models import Place, Product
from shop.opening import open_days
from tests.shop import make

TODAY = make.day_from_today(0)


def open_shop() -> Place:
    """Open every day from 7:00; what is ordered until 18:00 is there tomorrow."""
    place = make.make_place(address="12 Market Lane", phone="+353 1 555 0142")
    open_days(TODAY, 14)
    return place


def make_bread() -> Product:
    product = make.make_product(
        name="Milk bread", slug="milk-bread", summary="Soft.", variant=False
    )
    make.make_variant(
        product=product,
        sku="milk-bread",
        net_weight_g=400,
        label={
            "ingredients": "WHEAT flour, whole MILK",
            "allergens": ["gluten.wheat", "milk"],
            "may_contain": ["sesame"],
            "diet": "vegetarian",
        },
    )
    return product


def text_of(response) -> str:
    """What is read on the page, blanks made single."""
    body = re.sub(r"<(script|style).*?</\1>", "", response.content.decode(), flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def linked_data(response) -> dict[str, dict]:
    """The page's data for search engines, by type."""
    block = re.search(
        r'<script type="application/ld\+json">(.*?)</script>', response.content.decode()
    )
    return {thing["@type"]: thing for thing in json.loads(block[1])["@graph"]}


def free_day() -> dt.date:
    """A day that can be chosen at whatever hour the test runs."""
    return make.day_from_today(4)


PAGES = ["/", "/category/{}/", "/product/{}/", "/search/?q=bread", "/allergens/"]


def urls(product: Product) -> list[str]:
    slugs = ["", product.category.slug, product.slug, "", ""]
    return [page.format(slug) for page, slug in zip(PAGES, slugs, strict=True)]
