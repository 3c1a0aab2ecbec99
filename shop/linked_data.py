"""What search engines read about the shop: schema.org data, built from plain facts."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from shop.calendar import hours_on, today
from shop.catalogue import picture_of
from shop.models import Category, OpeningRule, Place, Product, Variant
from shop.offers import ProductOffer
from shop.pictures import picture_url
from shop.shell import Shell
from shop.templatetags.money import amount

# So that a name with </script> in it ends no element.
ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def as_script(*things: dict[str, Any]) -> SafeString:
    """The things as one data block: never executed, so no matter of the CSP."""
    data = {"@context": "https://schema.org", "@graph": list(things)}
    written = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return format_html(
        '<script type="application/ld+json">{}</script>',
        mark_safe(written.translate(ESCAPES)),  # noqa: S308 - escaped the line before
    )


def absolute(path: str) -> str:
    """The path under the shop's public address."""
    return path if "://" in path else f"{settings.SITE_URL}{path}"


def bakery(shell: Shell) -> dict[str, Any]:
    """The bakery with its address and opening hours."""
    facts: dict[str, Any] = {
        "@type": "Bakery",
        "@id": absolute("/#bakery"),
        "name": settings.SHOP_NAME,
        "url": absolute("/"),
        "priceRange": "€",
        "currenciesAccepted": settings.SHOP_CURRENCY,
    }
    if shell.counters:
        place = shell.counters[0].place
        facts |= _place(place)
        facts["openingHoursSpecification"] = _hours(place, shell.hours.rules)
    return facts


def product(shown: Product, offer: ProductOffer) -> dict[str, Any]:
    """The product with an offer for each of its variants."""
    picture = picture_of(shown)
    url = absolute(shown.get_absolute_url())
    facts: dict[str, Any] = {
        "@type": "Product",
        "name": shown.name,
        "description": shown.summary or shown.description,
        "category": shown.category.name,
        "url": url,
        "offers": [_offer(each, offer, url) for each in shown.variants.all()],
    }
    if picture:
        facts["image"] = absolute(picture_url(picture, 1200, "jpg"))
    return facts


def breadcrumbs(*trail: Category | Product) -> dict[str, Any]:
    """The way from the home page here."""
    steps = [("Home", absolute(reverse("shop:home")))]
    steps += [(each.name, absolute(each.get_absolute_url())) for each in trail]
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name, "item": url}
            for position, (name, url) in enumerate(steps, start=1)
        ],
    }


def _offer(variant: Variant, offer: ProductOffer, url: str) -> dict[str, Any]:
    stands = "InStock" if offer.can else "PreOrder" if offer.next_date else "SoldOut"
    facts = {
        "@type": "Offer",
        "sku": variant.sku,
        "price": amount(variant.price_cents, settings.SHOP_CURRENCY),
        "priceCurrency": settings.SHOP_CURRENCY,
        "availability": f"https://schema.org/{stands}",
        "url": url,
        "seller": {"@id": absolute("/#bakery")},
    }
    if offer.next_date:
        facts["availabilityStarts"] = offer.next_date.isoformat()
    return facts


def _place(place: Place) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    if place.address:
        facts["address"] = place.address
    if place.phone:
        facts["telephone"] = place.phone
    if place.email:
        facts["email"] = place.email
    return facts


def _hours(place: Place, rules: Sequence[OpeningRule]) -> list[dict[str, Any]]:
    monday = today() - dt.timedelta(days=today().weekday())
    week = [monday + dt.timedelta(days=each) for each in range(7)]
    return [
        {
            "@type": "OpeningHoursSpecification",
            "dayOfWeek": f"{day:%A}",
            "opens": f"{each.opens:%H:%M}",
            "closes": f"{each.closes:%H:%M}",
        }
        for day in week
        for each in hours_on(day, place.pk, rules)
    ]
