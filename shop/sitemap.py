"""What search engines are shown: every page that sells something, with its pictures.

One file as long as everything fits into it. Of a shop with very many products it is a
list of files, each with so many of them.
"""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import OuterRef
from django.urls import reverse

from shop.gathered import Gathered, rows_of
from shop.linked_data import absolute
from shop.models import Picture, Product
from shop.pictures import picture_url
from shop.shelves import on_sale, part_of_shop, shelves

# Products in one file: making one costs little more than for a small shop.
PRODUCTS = 100


class Url(NamedTuple):
    """A page under the public address, and its picture's, "" if it has none."""

    location: str
    image: str = ""


def number_of_files() -> int:
    """At least one. One query at most; see shop/remembered.py."""
    count = sum(shelf.count for shelf in shelves())
    return max(1, -(-count // PRODUCTS))


def urls_of_file(number: int) -> list[Url]:
    """Of the file with this number, from 1 on: home, allergens and categories are in
    the first. One query, and one more unless the shelves are remembered."""
    shown = part_of_shop(PRODUCTS, PRODUCTS * (number - 1))
    pictures = Picture.objects.filter(product=OuterRef("pk"))
    products = on_sale().filter(shown).only("slug")
    rows = products.annotate(packed_pictures=Gathered(pictures))
    found = [_url_of(product) for product in rows]
    return [*_pages(), *found] if number == 1 else found


def _pages() -> list[Url]:
    paths = [reverse("shop:home"), reverse("shop:allergens")]
    paths += [shelf.category.get_absolute_url() for shelf in shelves()]
    return [Url(absolute(path)) for path in paths]


def _url_of(product: Product) -> Url:
    page = absolute(product.get_absolute_url())
    pictures = rows_of(Picture, product.packed_pictures)
    if not pictures:
        return Url(page)
    return Url(page, absolute(picture_url(pictures[0], 1200, "jpg")))
