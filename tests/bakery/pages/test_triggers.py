"""What a page shows moves the stamp when it changes, whoever changes it; no more."""

from __future__ import annotations

import re

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from bakery.models import PageChange
from bakery.pages import triggers
from bakery.pages.seen import LIMITS, TABLES
from bakery.pages.stamp import sum_of_changes
from shop import limits
from shop.models import Capacity, Product, Slot, Variant
from shop.search import index_products
from shop.supply import Room
from tests.shop import make
from tests.shop.storefront import make_bread, open_shop, urls

# A name with an opening bracket behind it is a function's.
TABLE = re.compile(r'(?:FROM|JOIN) "?([a-z_]+)\b"?(?!\()')
pytestmark = pytest.mark.django_db

TOMORROW = make.day_from_today(1)


def moves_the_stamp(change) -> bool:
    before = sum_of_changes()
    change()
    return sum_of_changes() != before


# --- the catalogue -----------------------------------------------------------------


def test_every_table_that_a_page_reads_is_watched(client):
    """Asked of the pages themselves, so that a new table cannot be forgotten."""
    open_shop()
    bread = make_bread()
    index_products()
    with CaptureQueriesContext(connection) as asked:
        for url in [*urls(bread), "/search/?q=brad", "/sitemap.xml"]:
            assert client.get(url).status_code == 200
    read = {
        table
        for query in asked.captured_queries
        for table in re.findall(TABLE, query["sql"])
    }
    assert {"shop_product", LIMITS} <= read
    assert read - {"bakery_pagechange"} <= {*TABLES, LIMITS}


CHANGES = {
    "a saved row": lambda bread: bread.save(),
    "a bulk update": lambda bread: Variant.objects.update(
        price_cents=F("price_cents") + 1
    ),
    "a row made": lambda bread: make.make_variant(product=bread),
    "rows made in bulk": lambda bread: Variant.objects.bulk_create(
        [Variant(product=bread, sku="mini", name="mini", price_cents=90)],
        ignore_conflicts=True,
    ),
    "a row deleted": lambda bread: bread.variants.all().delete(),
    "plain SQL": lambda bread: connection.cursor().execute(
        "UPDATE shop_product SET name = 'Bread'"
    ),
    "a new limit": lambda bread: make.make_capacity(product=bread),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_of_the_catalogue_moves_the_stamp(what):
    bread = make_bread()
    assert moves_the_stamp(lambda: CHANGES[what](bread))


def test_what_no_page_shows_does_not():
    make_bread()
    slot = make.make_slot()
    order = make.make_order(slot=slot)
    assert not moves_the_stamp(order.save)
    assert not moves_the_stamp(lambda: make.make_hold(slot=slot))
    assert not moves_the_stamp(lambda: make.make_customer())


def test_a_change_that_is_rolled_back_moves_nothing():
    bread = make_bread()
    before = sum_of_changes()
    with transaction.atomic():
        bread.save()
        assert sum_of_changes() != before
        transaction.set_rollback(True)
    assert sum_of_changes() == before


def test_a_day_that_has_gone_is_not_seen_any_more():
    gone = make.make_bake_day(date=make.day_from_today(-1))
    capacity = make.make_capacity(bake_day=gone)
    assert not moves_the_stamp(lambda: Capacity.objects.update(taken=10))
    assert PageChange.objects.filter(day=gone.date).exists()
    assert capacity.limit == 10


# --- limits ------------------------------------------------------------------------


def sells(capacity: Capacity, units: int) -> bool:
    """Does selling so many units move the stamp?"""
    hold = make.make_hold()

    def sell() -> None:
        with transaction.atomic():
            limits.take({capacity.pk: units}, hold=hold)

    return moves_the_stamp(sell)


def test_an_order_moves_the_stamp_only_when_shoppers_are_told_otherwise():
    capacity = make.make_capacity(limit=50)
    assert not sells(capacity, 40)  # 10 are left
    assert not sells(capacity, 4)  # 6
    assert sells(capacity, 1)  # 5: few
    assert not sells(capacity, 4)  # 1
    assert sells(capacity, 1)  # sold out


def test_the_last_place_of_a_pick_up_time_moves_it_and_no_other():
    slot = make.make_slot(places=3)
    assert not sells(slot.capacity, 2)
    assert sells(slot.capacity, 1)


def test_a_reason_for_overbooking_moves_it():
    capacity = make.make_capacity(limit=5)
    Capacity.objects.update(taken=5)
    assert moves_the_stamp(lambda: Capacity.objects.update(overbook_reason="wedding"))
    assert not moves_the_stamp(lambda: Capacity.objects.update(taken=9))
    assert capacity.pk


def test_a_limit_that_says_another_thing_moves_it():
    capacity = make.make_capacity()
    other = make.make_product()
    same = Capacity.objects.filter(pk=capacity.pk)
    assert moves_the_stamp(lambda: same.update(product=other))


def told(limit: int, taken: int, weight: int) -> int:
    """What shop/supply.py makes of a limit: 0 sold out, 1 few, 2 available."""
    room = Room((limit - taken) // weight, limit // weight)
    return 0 if limit - taken < weight else 1 if room.is_few else 2


class TestTheSameAsTheShopSays(TestCase):
    """Of pieces that come in boxes and of shared resources alike, whatever moves."""

    @settings(max_examples=150, deadline=None)
    @given(
        limit=st.integers(0, 400),
        before=st.integers(0, 400),
        after=st.integers(0, 400),
        weights=st.lists(st.integers(1, 24), min_size=1, max_size=3, unique=True),
        shared=st.booleans(),
    )
    def test_the_stamp_moves_exactly_when_one_is_told_otherwise(
        self, limit, before, after, weights, shared
    ):
        before, after = min(before, limit), min(after, limit)
        product = make.make_product(variant=False)
        pieces = [1] * len(weights) if shared else weights
        variants = [make.make_variant(product=product, pieces=each) for each in pieces]
        uses = dict(zip(variants, weights, strict=True))
        what = (
            {"resource": make.make_resource(uses=uses)}
            if shared
            else {"product": product}
        )
        capacity = make.make_capacity(limit=limit, taken=before, **what)
        this = Capacity.objects.filter(pk=capacity.pk)
        otherwise = any(
            told(limit, before, each) != told(limit, after, each) for each in weights
        )
        assert moves_the_stamp(lambda: this.update(taken=after)) == otherwise


# --- the triggers themselves -------------------------------------------------------


def drop_one() -> str:
    trigger = next(each for each in triggers._found() if each.table == "shop_product")
    on = " ON shop_product" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {trigger.name}{on}")
    return trigger.table


def test_they_are_in_place_after_the_migrations():
    assert triggers.missing() == []


def test_a_table_without_its_trigger_is_named_and_mended():
    table = drop_one()
    assert triggers.missing() == [table]
    triggers.install()
    assert triggers.missing() == []
    bread = make_bread()
    assert moves_the_stamp(bread.save)


def test_without_the_trigger_the_change_goes_unseen():
    """The control of all the tests above."""
    bread = make_bread()
    for trigger in triggers._found():
        if trigger.table == "shop_product":
            on = " ON shop_product" if connection.vendor == "postgresql" else ""
            connection.cursor().execute(f"DROP TRIGGER {trigger.name}{on}")
    assert not moves_the_stamp(bread.save)


def test_putting_them_in_place_again_is_one_question(django_assert_num_queries):
    with django_assert_num_queries(1):
        triggers.install()


@pytest.mark.django_db(transaction=True)
def test_emptying_a_table_moves_the_stamp():
    make.make_slot()
    if connection.vendor == "postgresql":
        empty = "TRUNCATE shop_slot CASCADE"
        assert moves_the_stamp(lambda: connection.cursor().execute(empty))
    assert moves_the_stamp(Product.objects.all().delete) is False
    assert Slot.objects.count() == (0 if connection.vendor == "postgresql" else 1)
