"""Products in a list as their template shows them: {% for card in cards|shown %}.

What a card says several times is worked out and escaped once. Dictionaries, since that
is what a template reads fastest.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template

from shop.cards import Card
from shop.escaping import escaped
from shop.models import Variant
from shop.templatetags.addresses import product_address
from shop.templatetags.days import day_words
from shop.templatetags.money import money
from shop.templatetags.pictures import tint

register = template.Library()


@register.filter
def shown(cards: Iterable[Card]) -> list[dict[str, Any]]:
    """In the order of the cards. No query where products come with their variants."""
    return [_card(card) | _way_on(card) for card in cards]


def _card(card: Card) -> dict[str, Any]:
    product, picture = card.product, card.picture
    return {
        "slug": product.slug,
        "name": escaped(product.name),
        "summary": product.summary,
        "href": product_address(product.slug) + escaped(card.query),
        "picture": picture,
        "tint": tint(picture),
        "tag": card.tag,
        "tag_kind": card.tag_kind,
        "is_vegan": card.is_vegan,
        "price": money(card.lowest_cents),
        "is_lowest": card.has_several_prices,
        "weight": card.weight_words,
    }


def _way_on(card: Card) -> dict[str, Any]:
    """To another day, to the product's page, or what goes into the basket at once."""
    if not card.can:
        href = escaped(card.next_href)
        return {"next_href": href, "next_day": day_words(card.next_date)}
    if card.must_choose:
        return {"can": True, "must_choose": True}
    several = [_variant(each) for each in card.variants]
    return {"can": True, "variants": several, "sku": card.variant.sku}


def _variant(variant: Variant) -> dict[str, str]:
    price = money(variant.price_cents)
    return {"sku": variant.sku, "name": variant.name, "price": price}
