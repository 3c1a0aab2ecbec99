"""When is a change seen on a page? Said in SQL, for the triggers of both engines.

Of a limit shoppers are told only whether it is available, nearly or quite sold out; a
stamp moved by every order would keep no page at all.
"""

from __future__ import annotations

from shop.supply import FEW_PERCENT, FEW_PIECES

# All that the catalogue's pages, baskets and checkout are made of, but for the limits.
TABLES = (
    "shop_bakeday",
    "shop_category",
    "shop_dayexception",
    "shop_openingrule",
    "shop_option",
    "shop_optiongroup",
    "shop_optiongroup_products",
    "shop_picture",
    "shop_place",
    "shop_product",
    "shop_resourceuse",
    "shop_searchgram",
    "shop_slot",
    "shop_taxclass",
    "shop_variant",
)
LIMITS = "shop_capacity"
# Columns of a limit: what it limits, and how much of it is left.
WHAT = "bake_day_id, product_id, resource_id, slot_id"
LEFT = 'taken, "limit", overbook_reason'


def _told(row: str) -> str:
    """What shoppers are told if one piece draws `weight` units: 0, 1 or 2.

    The same as Room and its use in shop/supply.py; a test compares them. Of a pick-up
    time the catalogue tells only whether it is free.
    """
    left, limit = f'({row}."limit" - {row}.taken)', f'{row}."limit"'
    return f"""
        CASE WHEN {row}.overbook_reason <> '' THEN 2
             WHEN {left} < w.weight THEN 0
             WHEN {row}.slot_id IS NOT NULL THEN 2
             WHEN {left} / w.weight <= {FEW_PIECES}
               OR {left} / w.weight <= {limit} / w.weight * {FEW_PERCENT} / 100 THEN 1
             ELSE 2 END"""


# For a trigger on a limit's row: is anything told otherwise now, of any variant?
IS_TOLD_ANEW = f"""
    EXISTS (
        SELECT 1 FROM (
            SELECT pieces AS weight FROM shop_variant
            WHERE product_id = NEW.product_id
            UNION SELECT units FROM shop_resourceuse
            WHERE resource_id = NEW.resource_id
            UNION SELECT 1 WHERE NEW.slot_id IS NOT NULL
        ) w
        WHERE {_told("OLD")} <> {_told("NEW")}
    )"""  # nosec B608: constants only
DAY_OF_LIMIT = "(SELECT date FROM shop_bakeday WHERE id = NEW.bake_day_id)"
