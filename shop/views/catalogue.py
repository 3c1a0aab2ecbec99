"""The catalogue: pages that are the same for every shopper.

They read the URL and nothing else of the request, so that any cache may keep them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any, NamedTuple

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from shop import linked_data
from shop.allergens import EU_14
from shop.cards import Card
from shop.catalogue import (
    categories_of,
    page_picture,
    popular_products,
    product_for_page,
    products_in_order,
    products_named,
    products_of_each_shelf,
    products_of_shelf,
)
from shop.choices import option_groups
from shop.filters import Filters
from shop.judging import Wish, judge
from shop.labels_in_words import labels_of, matrix_row
from shop.models import Category, Product, Variant
from shop.pickup_days import days_of, until_words
from shop.remembered import remembering
from shop.search import find, suggest
from shop.shelf_facts import facts_of_shelf
from shop.shelves import Shelf, shelf_named, shelves
from shop.shopfront import Shopfront, open_shopfront
from shop.views.caching import for_everybody, page_number

FEATURED = 8
RELATED = 4
LONGEST_QUERY = 80
MOST_FOUND = 24
# Of a shop with very many products a page shows so many; the next ones are one further.
SHOWN_OF_EACH = 12
SHOWN_OF_SHELF = 48
ROWS = 100
HEADLINE = "Baked tonight, yours in the morning"


@for_everybody
@remembering()
def home(request: HttpRequest) -> HttpResponse:
    """The bakers' choice, and what stands in front in each category: in most shops
    that is all there is."""
    products = products_of_each_shelf(SHOWN_OF_EACH, FEATURED)
    front = open_shopfront(request, products, categories_of(products))
    cards = front.cards(products)
    page = {
        "title": f"{settings.SHOP_NAME}: {HEADLINE.lower()}",
        "headline": HEADLINE,
        "description": "Bread, rolls, pastries and cakes baked overnight and kept for "
        f"you at the counter. {front.cut_off}",
        "hero": page_picture("hero"),
        "featured": _featured(cards),
        "sections": _by_category(cards),
        "linked_data": linked_data.as_script(linked_data.bakery(front.shell)),
    }
    return _render(request, "home", front, page)


@for_everybody
@remembering()
def category(request: HttpRequest, slug: str) -> HttpResponse:
    """A category, of a very large one a page; a GET form narrows all of it down."""
    number = page_number(request)
    shelf = shelf_named(slug)
    if shelf is None:
        raise Http404("There is no such category.")
    filters = Filters.read(request.GET)
    part = _part(request, shelf, filters, SHOWN_OF_SHELF * (number - 1))
    if number > 1 and not part.products:
        raise Http404("There are not so many.")
    front = open_shopfront(request, part.products)
    found = shelf.category
    page = {
        "title": _title(found.name),
        "description": f"{found.intro} {front.cut_off}".strip(),
        "category": found,
        "filters": filters,
        "cards": front.cards(part.products),
        "number_found": part.count,
        "number_of_all": shelf.count,
        "pages": _pages(request, number, has_next=part.count > SHOWN_OF_SHELF * number),
        "linked_data": linked_data.as_script(linked_data.breadcrumbs(found)),
    }
    return _render(request, "category", front, page)


class Part(NamedTuple):
    """What a page shows, and of how many."""

    products: list[Product]
    count: int


def _part(request: HttpRequest, shelf: Shelf, filters: Filters, after: int) -> Part:
    """Of the whole shelf what the filters keep, and of that what the page shows."""
    slug = shelf.category.slug
    if not filters.any:
        shown = products_of_shelf(slug, first=SHOWN_OF_SHELF, after=after)
        return Part(shown, shelf.count)
    facts = facts_of_shelf(slug)
    to_be_had: set[int] = set()
    if filters.can:
        front = open_shopfront(request, facts.examples)
        to_be_had = facts.can_be_had(front.supply, front.strip.date)
    keys = filters.keys(facts, to_be_had)
    return Part(products_named(keys[after : after + SHOWN_OF_SHELF]), len(keys))


@for_everybody
@remembering()
def product(request: HttpRequest, slug: str) -> HttpResponse:
    """One product with all that the law and a hungry shopper want to know of it."""
    found = product_for_page(slug, RELATED)
    if found is None:
        raise Http404("We do not bake this.")
    shown, others = found
    family = [shown, *others]
    front = open_shopfront(request, family)
    card, *related = front.cards(family)
    page = {
        "title": _title(shown.name),
        "description": f"{shown.summary} {front.cut_off}".strip(),
        "product": shown,
        "category": shown.category,
        "card": card,
        "related": related,
        "groups": option_groups(shown),
        "labels": labels_of(shown),
        "opens": front.shell.opens_at(front.strip.date),
        "order_until": _order_until(front, card.variant),
        "days": days_of(request, front.shell, front.supply, card.variant),
        "linked_data": linked_data.as_script(
            linked_data.product(shown, card.offer),
            linked_data.breadcrumbs(shown.category, shown),
        ),
    }
    return _render(request, "product", front, page)


@for_everybody
@remembering()
def search(request: HttpRequest) -> HttpResponse:
    """What the words find, best first; without words, or findings, ways to go on."""
    words = " ".join(request.GET.get("q", "").split())[:LONGEST_QUERY]
    found = find(words, MOST_FOUND) if words else []
    popular = [] if found else popular_products(RELATED)
    front = open_shopfront(request, [*found, *popular])
    page = {
        "title": _title(f"Search: {words}" if words else "Search"),
        "description": "Find a bread, a pastry or a cake by name or by what is in it.",
        "noindex": True,
        "words": words,
        "cards": front.cards(found),
        "suggestion": suggest(words) if words and not found else None,
        "popular": front.cards(popular),
    }
    return _render(request, "search", front, page)


@for_everybody
@remembering()
def allergens(request: HttpRequest) -> HttpResponse:
    """Every product against the EU's fourteen groups, to be printed and hung up; of
    very many a page."""
    number = page_number(request)
    products = products_in_order(ROWS, ROWS * (number - 1))
    if number > 1 and not products:
        raise Http404("There are not so many.")
    count = sum(shelf.count for shelf in shelves())
    pages = _pages(request, number, has_next=count > ROWS * number)
    front = open_shopfront(request, [])
    page = {
        "title": _title("Allergens of everything we bake"),
        "description": "Which of the fourteen allergens is in which of our breads, "
        "rolls, pastries, cakes and biscuits.",
        "groups": list(EU_14),
        "columns": len(EU_14) + 1,
        "pages": pages,
        "sections": [
            (category, [matrix_row(each) for each in members])
            for category, members in groupby(products, key=lambda each: each.category)
        ],
    }
    return _render(request, "allergens", front, page)


def _render(
    request: HttpRequest, name: str, front: Shopfront, page: dict[str, Any]
) -> HttpResponse:
    return render(request, f"shop/{name}.html", front.as_context() | page)


def _order_until(front: Shopfront, variant: Variant) -> str:
    """Until when this one can be ordered for the page's day; it may need longer."""
    own = judge(front.supply, [Wish(variant, 1)], front.strip.date)
    return until_words(own.order_until, front.supply.now) if own.order_until else ""


def _title(words: str) -> str:
    return f"{words} – {settings.SHOP_NAME}"


class Pages(NamedTuple):
    """Where the pages before and after this one are, "" if there is none."""

    number: int
    before: str
    after: str


def _pages(request: HttpRequest, number: int, *, has_next: bool) -> Pages | None:
    """None where one page is all."""
    if number == 1 and not has_next:
        return None
    return Pages(
        number,
        _at_page(request, number - 1) if number > 1 else "",
        _at_page(request, number + 1) if has_next else "",
    )


def _at_page(request: HttpRequest, number: int) -> str:
    questions = request.GET.copy()
    questions.pop("p", None)
    if number > 1:
        questions["p"] = str(number)
    query = questions.urlencode()
    return f"{request.path}?{query}" if query else request.path


def _featured(cards: Sequence[Card]) -> list[Card]:
    """The bakers' choice of what can be had that day, filled up to a full row."""
    ready = [card for card in cards if card.can]
    return sorted(ready, key=lambda card: not card.product.is_featured)[:FEATURED]


def _by_category(cards: Sequence[Card]) -> list[tuple[Category, list[Card]]]:
    return [
        (category, list(members)[:SHOWN_OF_EACH])
        for category, members in groupby(cards, key=lambda card: card.product.category)
    ]
