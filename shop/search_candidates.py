"""Which products share most letter triples with what was typed, in one statement."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models.expressions import RawSQL

# A word's triples are in thousands of products: they are added up by their index alone,
# and products are looked at from the best on, only until there are enough. Beside a
# join every product of the shop is read, which takes longer than all the rest; without
# the inner LIMIT, which is never reached, PostgreSQL looks at products first, too.
_BEST = """
SELECT product_id FROM (
    SELECT product_id, SUM(weight) AS score FROM shop_searchgram
    WHERE gram IN ({grams}){only} GROUP BY product_id ORDER BY score DESC, product_id
    LIMIT 1000000000
) AS scored
WHERE (SELECT is_listed FROM shop_product WHERE id = product_id)
ORDER BY score DESC, product_id LIMIT %s
"""


def best_products(
    grams: Collection[str], most: int, *, weight: int | None = None
) -> RawSQL:
    """The keys of so many listed products at most, to be used as a subquery; of equal
    ones those made first. With `weight`, only triples of just that weight count."""
    sql = _BEST.format(
        grams=", ".join(["%s"] * len(grams)) or "NULL",
        only="" if weight is None else " AND weight = %s",
    )
    given = [*sorted(grams), *([] if weight is None else [weight]), most]
    return RawSQL(sql, given)  # nosec B611 - our own words
