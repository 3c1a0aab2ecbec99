"""Search that forgives typing errors, with plain SQL on every database.

Two steps. The database finds the products that share the most letter triples with
what was typed (SearchGram, kept by index_products). Then those few are read and
ranked word by word, which is where nonsense falls out.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

from django.db import transaction
from django.db.models import Prefetch

from shop.catalogue import products_for_list, products_in_order
from shop.models import Product, SearchGram, Variant
from shop.search_candidates import best_products
from shop.search_query import MOST_WORDS, Query, read_query
from shop.search_words import (
    MISSPELT,
    NAMED,
    VERY_NEAR,
    grams_of,
    joined_pairs,
    searchable,
    similarity,
    words_of,
)

# So many are read and ranked for one search.
CANDIDATES = 60
# Words that only say what to leave out read the catalogue in its order, no further.
READ_AT_ONCE = 100
MOST_READ = 2_000
# A triple of a name weighs so much.
GRAM_WEIGHT = 10
# Of what was typed, so much must be found again.
ENOUGH = 0.5
NEAR_A_NAME = 0.6
# Results that fit less than this, compared with the best, only distract.
NEAR_THE_BEST = 0.45


def index_products(products: Iterable[Product] | None = None) -> int:
    """Bring the letter triples up to date and say how many rows changed.

    Of all products if not told. Repeatable, safe on many servers at once, and a fixed
    number of queries for a thousand rows. Labels must be up to date.
    """
    rows = _readable(Product.objects.all())
    if products is not None:
        rows = rows.filter(pk__in=[product.pk for product in products])
    with transaction.atomic():
        wanted = {
            (product.pk, gram): weight
            for product in rows
            for gram, weight in weighted_grams(product).items()
        }
        there = {
            (gram.product_id, gram.gram): gram
            for gram in SearchGram.objects.filter(product__in=rows)
        }
        gone = [gram.pk for key, gram in there.items() if key not in wanted]
        changed = [
            SearchGram(product_id=pk, gram=gram, weight=weight)
            for (pk, gram), weight in wanted.items()
            if (pk, gram) not in there or there[pk, gram].weight != weight
        ]
        SearchGram.objects.filter(pk__in=gone).delete()
        SearchGram.objects.bulk_create(
            changed,
            batch_size=1000,
            update_conflicts=True,
            unique_fields=["gram", "product"],
            update_fields=["weight"],
        )
    return len(gone) + len(changed)


def find(query: str, limit: int = 12) -> list[Product]:
    """Listed products that fit, best first; none for nonsense and for nothing.

    Understands `without nuts`, `no egg`, `milk-free`, `vegan` and `vegetarian`; such
    words alone give everything that they allow, in the catalogue's order. A product
    that may contain traces of what is not wanted comes after those that do not. One
    query; a filter alone asks anew for each READ_AT_ONCE products that it has to read
    before it has enough, and for the shelves unless they are remembered. Products come
    as lists show them (shop/catalogue.py).
    """
    wanted = read_query(query)
    if not wanted.words and not wanted.is_filter:
        return []
    if not wanted.words:
        return _allowed(wanted, limit)
    found = [product for product in _candidates(wanted) if wanted.allows(product)]
    return sorted(_ranked(wanted, found), key=wanted.may_be_in)[:limit]


def _allowed(wanted: Query, limit: int) -> list[Product]:
    """The first that the filter allows, those that may have traces of it last.

    Reads on until there are enough without traces; then no later one comes before.
    """
    pure: list[Product] = []
    traces: list[Product] = []
    for after in range(0, MOST_READ, READ_AT_ONCE):
        some = products_in_order(READ_AT_ONCE, after)
        for product in filter(wanted.allows, some):
            (traces if wanted.may_be_in(product) else pure).append(product)
        if len(pure) >= limit or len(some) < READ_AT_ONCE:
            break
    return [*pure, *traces][:limit]


def suggest(query: str) -> str | None:
    """The name of the listed product nearest to what was typed, if any is near.

    Reads a word of an address (`milk-bred`) as well. Never answers a query that says
    what to leave out: nothing was misspelt there. One query.
    """
    typed = words_of(query)[:MOST_WORDS]
    if not typed or read_query(query).is_filter:
        return None
    grams = grams_of(typed)
    in_names = round(GRAM_WEIGHT * NAMED)
    named = best_products(grams, CANDIDATES, weight=in_names)
    rows = Product.objects.filter(pk__in=named).order_by("pk")
    nearness, _, name = max(
        (
            (_nearness(typed, name), len(grams & _grams_of_name(name)), name)
            for name in rows.values_list("name", flat=True)
        ),
        key=lambda found: found[:2],
        default=(0.0, 0, None),
    )
    return name if nearness >= NEAR_A_NAME else None


def _grams_of_name(name: str) -> set[str]:
    named = words_of(name)
    return grams_of(named + joined_pairs(named))


def _nearness(typed: list[str], name: str) -> float:
    """How much of what was typed is in the name; of two, the shorter one is nearer."""
    named = words_of(name)
    named += joined_pairs(named)
    found = [max(similarity(word, other) for other in named) for word in typed]
    whole = SequenceMatcher(None, "".join(typed), "".join(words_of(name))).ratio()
    return 0.9 * max(sum(found) / len(found), whole) + 0.1 * whole


def _readable(products):
    variants = Variant.objects.filter(is_active=True).order_by("position", "pk")
    return products.select_related("category").prefetch_related(
        Prefetch("variants", variants, to_attr="active_variants")
    )


def weighted_grams(product: Product) -> dict[str, int]:
    """Its letter triples as index_products keeps them; reads `active_variants`. No
    query."""
    grams: dict[str, int] = {}
    for word, weight in searchable(product).items():
        for gram in grams_of([word]):
            grams[gram] = max(grams.get(gram, 0), round(GRAM_WEIGHT * weight))
    return grams


def _candidates(wanted: Query) -> list[Product]:
    grams = grams_of(wanted.all_words)
    return products_for_list(pk__in=best_products(grams, CANDIDATES))


def _ranked(wanted: Query, products: list[Product]) -> list[Product]:
    vocabularies = [searchable(product) for product in products]
    known = {
        word
        for word in wanted.all_words
        for vocabulary in vocabularies
        if any(similarity(word, other) >= MISSPELT for other in vocabulary)
    }
    scored = [
        (product, *_fit(wanted, vocabulary, known))
        for product, vocabulary in zip(products, vocabularies, strict=True)
    ]
    good = [(product, score) for product, found, score in scored if found >= ENOUGH]
    best = max((score for _, score in good), default=0)
    near = [pair for pair in good if pair[1] >= best * NEAR_THE_BEST]
    near.sort(key=lambda pair: -pair[1])
    return [product for product, _ in near]


def _fit(
    wanted: Query, vocabulary: dict[str, float], known: set[str]
) -> tuple[float, float]:
    """How much of what was typed is in the vocabulary, and how well it fits.

    Words that are `known` somewhere are not misspelt ones of others.
    """
    fits = [_best(word, vocabulary, word in known) for word in wanted.words]
    for at, pair in enumerate(joined_pairs(wanted.words)):
        together = _best(pair, vocabulary, pair in known)
        if together[0] >= VERY_NEAR:
            fits[at] = max(fits[at], together)
            fits[at + 1] = max(fits[at + 1], together)
    count = len(fits)
    return sum(fit[0] for fit in fits) / count, sum(fit[1] for fit in fits) / count


def _best(
    typed: str, vocabulary: dict[str, float], is_known: bool
) -> tuple[float, float]:
    """The most alike word: how alike it is, and that times what it counts."""
    best = (0.0, 0.0)
    for word, weight in vocabulary.items():
        alike = similarity(typed, word)
        least = MISSPELT if is_known else 0 if weight == NAMED else VERY_NEAR
        if alike >= least and alike * weight > best[1]:
            best = (alike, alike * weight)
    return best
