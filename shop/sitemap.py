"""What search engines are shown: every page that sells something, with its pictures."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.urls import reverse

from shop.catalogue import categories_of, picture_of, products_for_list
from shop.linked_data import absolute
from shop.models import Category, Product
from shop.pictures import picture_url


class ShopSitemap(Sitemap):
    """Home, allergens, categories and products under SITE_URL. Three queries."""

    protocol = urlsplit(settings.SITE_URL).scheme

    def items(self) -> list[str | Category | Product]:
        products = products_for_list()
        pages = [reverse("shop:home"), reverse("shop:allergens")]
        return [*pages, *categories_of(products), *products]

    def location(self, item: str | Category | Product) -> str:
        return item if isinstance(item, str) else item.get_absolute_url()

    def get_domain(self, site: object = None) -> str:
        """Of the public address, whatever host a request was made to."""
        return urlsplit(settings.SITE_URL).netloc

    def _urls(self, page: int, protocol: str, domain: str) -> list[dict]:
        urls = super()._urls(page, protocol, domain)
        for url in urls:
            url["image"] = _image(url["item"])
        return urls


def _image(item: str | Category | Product) -> str:
    picture = picture_of(item) if isinstance(item, Product) else None
    return absolute(picture_url(picture, 1200, "jpg")) if picture else ""
