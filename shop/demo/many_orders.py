"""Makes as many orders as are wanted, as if the shop had been open for years."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Sequence

from django.db import connection, transaction

from shop.demo.bulk import advance_keys, last_keys
from shop.demo.many_days import Day, load_days, make_past_days
from shop.demo.many_goods import Buyer, Goods, make_buyers
from shop.demo.many_rows import MODELS, Rows
from shop.models import Capacity, Order

DAYS_BACK = 3 * 365
DAYS_AHEAD = 14
# So many are in one transaction.
BATCH = 5_000
# Saturdays and Fridays are busy, a Tuesday is a Tuesday (0 is Monday).
BUSY = (8, 10, 10, 11, 13, 15, 9)


def make_many_orders(
    wanted: int,
    today: dt.date,
    *,
    back: int = DAYS_BACK,
    say=lambda words: None,
) -> int:
    """Make orders of three lines until there are so many; how many were made.

    They are spread over the days back, which are made where they are missing, and over
    the open days ahead; those of past days are fetched and paid, but for a few. Every
    limit counts what its orders draw, and is raised to that with as much again left
    where it is too low. Repeatable. Batches, each a transaction of its own; other
    orders wait meanwhile.
    """
    missing = wanted - Order.objects.count()
    if missing <= 0:
        return 0
    say("bake days")
    make_past_days(today, back)
    dates = [today + dt.timedelta(days=n) for n in range(-back, DAYS_AHEAD)]
    days, goods, buyers = load_days(dates, today), Goods(), make_buyers(missing)
    made = 0
    for batch in _batches(days, missing):
        _write(batch, goods, buyers)
        made += sum(batch.values())
        say(f"orders {made} of {missing}")
    return made


def _batches(days: Sequence[Day], count: int) -> list[dict[Day, int]]:
    """How many orders each day gets, in batches of about the same size."""
    weights = [BUSY[day.date.weekday()] for day in days]
    whole, before, batches = sum(weights), 0, [Counter()]
    for at, day in enumerate(days, 1):
        until = count * sum(weights[:at]) // whole
        for part in range(before, until, BATCH):
            if sum(batches[-1].values()) >= BATCH:
                batches.append(Counter())
            batches[-1][day] += min(BATCH, until - part)
        before = until
    return batches


def _write(batch: dict[Day, int], goods: Goods, buyers: Sequence[Buyer]) -> None:
    with transaction.atomic():
        rows = Rows(*last_keys(*MODELS))
        for day, count in batch.items():
            chance = random.Random(f"{day.date} {rows.order_key}")
            for _ in range(count):
                buyer = buyers[int(len(buyers) * chance.random() ** 2)]
                chosen = goods.some(day.date.weekday(), 3, chance)
                rows.add(day, buyer, chosen, chance)
        rows.write()
        advance_keys(*MODELS)
        _count(rows.taken)


def _count(taken: Counter[int]) -> None:
    """Let the limits count what was drawn, each raised if it must be."""
    keys = sorted(taken)
    # In id order, as checkout locks them, so that nobody waits for each other.
    rows = Capacity.objects.filter(pk__in=keys).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk"))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            units = [taken[key] for key in keys]
            cursor.execute(_TAKE.format(rows=_ARRAYS), [keys, units])
            return
        moved = [(key, taken[key]) for key in keys]
        cursor.executemany(_TAKE.format(rows="SELECT %s AS id, %s AS units"), moved)


_ARRAYS = "SELECT unnest(%s::bigint[]) AS id, unnest(%s::integer[]) AS units"
_TAKE = """
UPDATE shop_capacity SET taken = taken + drawn.units,
    "limit" = CASE WHEN "limit" < taken + drawn.units THEN 2 * (taken + drawn.units)
              ELSE "limit" END
FROM ({rows}) drawn WHERE shop_capacity.id = drawn.id
"""
