"""What limits have left is read by indexes, whatever plan PostgreSQL keeps for it."""

from __future__ import annotations

import datetime as dt
from itertools import count

import pytest
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from shop import limit_rows
from shop.models import BakeDay, Capacity, Draw, Product, Resource, Slot
from shop.rooms import load_limits
from tests.shop import make
from tests.shop.size.plans import rows_read

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.slow,
    pytest.mark.skipif(
        "connection.vendor != 'postgresql'", reason="EXPLAIN is PostgreSQL's here"
    ),
]

# Planned once without knowing the values, or for them.
PLANS = pytest.mark.parametrize("plan", ["generic", "custom"])
NAMES = count()
BY_LISTS = """
SELECT {columns}, {no_slot} FROM shop_capacity c
WHERE c.bake_day_id = ANY (CAST(%(days)s AS bigint[]))
  AND (c.product_id = ANY (CAST(%(products)s AS bigint[]))
       OR c.resource_id = ANY (CAST(%(resources)s AS bigint[])))
UNION ALL
SELECT {columns}, s.place_id, s.starts, s.ends
FROM shop_slot s JOIN shop_capacity c ON c.slot_id = s.id
WHERE s.bake_day_id = ANY (CAST(%(days)s AS bigint[]))
"""
# PostgreSQL tells rows of a loop as an average of two digits.
ABOUT = 1.1


def planned(ask, plan):
    """What `ask` says, as a statement whose plan is of that kind."""
    asked = []

    def look(execute, sql, params, many, context):
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        ask()
    [(sql, given)] = asked
    numbers = {name: f"${number}" for number, name in enumerate(given, 1)}
    name = f"limits_{next(NAMES)}"
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL plan_cache_mode = force_{plan}_plan")
        cursor.execute(f"PREPARE {name} AS {sql % numbers}")
        values = ", ".join(["%s"] * len(given))
        return cursor.mogrify(f"EXECUTE {name}({values})", list(given.values()))


@pytest.fixture
def fortnight(large_shop):
    """Of days that were opened last, as in a shop that has grown old."""
    days = BakeDay.objects.order_by("-pk")[:12]
    return list(days.values_list("pk", flat=True))


@pytest.fixture
def limits(fortnight):
    """Some days of two years: how many limits are asked for, and how many are read."""
    products = list(Product.objects.values_list("pk", flat=True)[:50])
    resource = Resource.objects.earliest("pk").pk
    named = Q(product__in=products) | Q(resource=resource) | Q(slot__isnull=False)

    def ask(plan, days=None, **options):
        days = fortnight if days is None else fortnight[:days]
        wanted = Capacity.objects.filter(named, bake_day__in=days).count()
        now = timezone.now()
        said = planned(
            lambda: load_limits(days, products, [resource], now=now, **options), plan
        )
        return wanted, rows_read(said, "shop_capacity")

    return ask


@PLANS
@pytest.mark.parametrize("days", [3, None], ids=["three days", "two weeks"])
@pytest.mark.parametrize("options", [{"token": "x"}, {"holds_end": False}], ids=str)
def test_no_limit_is_read_that_is_not_asked_for(limits, plan, days, options):
    wanted, read = limits(plan, days, **options)
    assert 0 < read <= wanted * ABOUT


def test_by_lists_far_more_limits_are_read(limits, monkeypatch):
    monkeypatch.setitem(limit_rows._LIMITS, "postgresql", BY_LISTS)
    written = limit_rows._statement("postgresql", holds_end=True)
    monkeypatch.setitem(limit_rows._STATEMENTS, ("postgresql", True), written)
    wanted, read = limits("generic")
    assert read > 2 * wanted


def test_without_the_slots_index_they_are_too(limits):
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE shop_capacity DROP CONSTRAINT shop_capacity_slot_id_key"
        )
    wanted, read = limits("generic")
    assert read > 2 * wanted


@PLANS
def test_of_the_slots_only_those_of_the_days_are_read(fortnight, plan):
    days = fortnight[:3]
    said = planned(lambda: load_limits(days, [], [], now=timezone.now()), plan)
    wanted = Slot.objects.filter(bake_day__in=days).count()
    assert rows_read(said, "shop_slot") == wanted > 0
    assert Slot.objects.count() > 50 * wanted


@PLANS
def test_of_the_draws_only_those_of_holds_that_ended_are_read(fortnight, plan):
    """And of the shopper's own; not those of thousands of orders."""
    now = timezone.now()
    slot = Slot.objects.filter(bake_day__in=fortnight).earliest("pk")
    own, *_ = holds = [
        make.make_hold(slot=slot, expires_at=now + dt.timedelta(minutes=minutes))
        for minutes in (5, 5, 5, -5, -5)
    ]
    for hold in holds:
        make.make_draw(capacity=slot.capacity, hold=hold)
    said = planned(
        lambda: load_limits(fortnight, [], [], now=now, token=own.basket_token), plan
    )
    assert rows_read(said, "shop_draw") == 3
    assert Draw.objects.count() > 10_000


def test_it_is_planned_once(fortnight):
    """Planning it takes longer than answering it."""
    connection.ensure_connection()
    own = connection.connection
    before, own.prepare_threshold = own.prepare_threshold, 0
    products = list(Product.objects.values_list("pk", flat=True)[:3])
    for days in [fortnight[:1], fortnight[:3], fortnight] * 5:
        load_limits(days, products, [], now=timezone.now(), token="x")
    own.prepare_threshold = before
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(generic_plans), max(custom_plans) FROM pg_prepared_statements"
            " WHERE position('unnest' IN statement) > 0"
        )
        assert cursor.fetchone() == (10, 5)
