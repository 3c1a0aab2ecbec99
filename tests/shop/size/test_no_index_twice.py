"""What every order and every add writes is in no index that another one replaces."""

from __future__ import annotations

import pytest
from django.db import connection

from basket.models import Basket, BasketLine, BasketOperation
from shop.models import BakeDay, Capacity, Draw, Hold, Order, Slot
from tests.shop.size.conftest import analyze
from tests.shop.size.plans import prefer, rows_read, take_away
from tests.shop.size.test_plans import statements_of

on_postgresql = pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="EXPLAIN is PostgreSQL's here"
)

# How many indexes a row of each is written to.
WRITTEN = {
    "shop_order": 11,
    "shop_orderline": 3,
    "shop_orderevent": 3,
    "shop_payment": 3,
    "shop_draw": 4,
    "shop_hold": 5,
    "basket_basket": 4,
    "basket_basketline": 2,
    "basket_basketoperation": 3,
}
OTHERS = {"shop_capacity", "shop_slot", "shop_paymentevent"}

# What is looked for by a key without an index of its own, and what finds it.
FOUND_BY = {
    (Draw, "order"): "CONSTRAINT draw_once_per_order",
    (Draw, "hold"): "CONSTRAINT draw_once_per_hold",
    # By the other one PostgreSQL skips from state to state.
    (Order, "bake_day"): "INDEX order_by_day_and_slot, order_by_state_and_day",
    (Slot, "bake_day"): "CONSTRAINT slot_once",
    (BasketLine, "basket"): "CONSTRAINT basketline_item_once",
    (BasketOperation, "basket"): "INDEX basketoperation_once",
}
# Words that only chance makes, found by the whole of them.
BY_CHANCE = {
    (Order, "secret"): "CONSTRAINT shop_order_secret_key",
    (Order, "basket_token"): "CONSTRAINT shop_order_basket_token_key",
    (Hold, "basket_token"): "CONSTRAINT shop_hold_basket_token_key",
    (Hold, "network"): "INDEX shop_hold_network_8da436ea",
    (Basket, "token"): "CONSTRAINT basket_basket_token_key",
}
LOOKED_FOR = [(*what, by) for what, by in (FOUND_BY | BY_CHANCE).items()]
BY_NAME = [f"{model.__name__}.{field}" for model, field, _ in LOOKED_FOR]

INDEXES = """
SELECT made.relname, array_agg(col.attname::text ORDER BY at.n), indisunique
FROM pg_index JOIN pg_class made ON made.oid = indexrelid
CROSS JOIN LATERAL unnest(indkey::int[], indclass::oid[]) WITH ORDINALITY at(num, op, n)
JOIN pg_attribute col ON col.attrelid = indrelid AND col.attnum = at.num
WHERE indrelid = %s::regclass AND indpred IS NULL GROUP BY 1, 3
"""


def again(table):
    """Indexes of the table that do nothing which another one of it does not."""
    with connection.cursor() as cursor:
        cursor.execute(INDEXES, [table])
        rows = cursor.fetchall()
    return [
        name
        for name, columns, is_unique in rows
        for other, more, _ in rows
        if name != other and not is_unique and more[: len(columns)] == columns
    ]


@on_postgresql
@pytest.mark.django_db
@pytest.mark.parametrize("table", sorted({*WRITTEN, *OTHERS} - {"shop_order"}))
def test_no_index_begins_another(table):
    assert again(table) == []


@on_postgresql
@pytest.mark.django_db
def test_of_an_order_only_how_its_code_begins_is_in_two():
    """The second is for looking it up by its first letters."""
    assert again("shop_order") == ["shop_order_code_15db80c4_like"]


@on_postgresql
@pytest.mark.django_db
def test_one_that_begins_another_is_seen():
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX draws_of_order ON shop_draw (order_id)")
    assert again("shop_draw") == ["draws_of_order"]


@on_postgresql
@pytest.mark.django_db
@pytest.mark.parametrize("table", sorted(WRITTEN))
def test_a_row_is_written_to_so_many_indexes(table):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_index WHERE indrelid = %s::regclass", [table]
        )
        assert cursor.fetchone() == (WRITTEN[table],)


@pytest.fixture(scope="module")
def some_of_all(large_shop):
    """Beside the many orders some hundreds of holds, baskets and lines in them."""
    limit = Capacity.objects.filter(slot__isnull=False).latest("pk")
    holds = Hold.objects.bulk_create(
        Hold(basket_token=f"{n:032x}", basket_version=1, slot=limit.slot,
             network=f"10.0.{n}.0", expires_at=limit.bake_day.cut_off)
        for n in range(500)
    )  # fmt: skip
    Draw.objects.bulk_create(Draw(capacity=limit, units=1, hold=each) for each in holds)
    baskets = Basket.objects.bulk_create(Basket(token=f"{n:032x}") for n in range(500))
    BasketLine.objects.bulk_create(
        BasketLine(basket=each, item=item, quantity=1)
        for each in baskets
        for item in ("rye", "oat")
    )
    BasketOperation.objects.bulk_create(
        BasketOperation(basket=each, operation=f"add-{n}", version=1, quantity=1)
        for each in baskets
        for n in range(2)
    )
    analyze()
    connection.check_constraints()  # or no table of these could be altered


def read_for_one(model, field):
    """How many rows are found for one value, and how many are read to find them."""
    value = (
        model.objects.exclude(**{field: None}).latest("pk").serializable_value(field)
    )
    found = []
    [sql] = statements_of(lambda: found.extend(model.objects.filter(**{field: value})))
    prefer(enable_seqscan="off")
    return len(found), rows_read(sql, model._meta.db_table)


@on_postgresql
@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize(("model", "field", "by"), LOOKED_FOR, ids=BY_NAME)
def test_what_is_looked_for_is_read_and_nothing_else(some_of_all, model, field, by):
    found, read = read_for_one(model, field)
    assert found == read > 0


@on_postgresql
@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize(("model", "field", "by"), LOOKED_FOR, ids=BY_NAME)
def test_without_what_finds_it_other_rows_are_read_too(some_of_all, model, field, by):
    take_away(by, of=model._meta.db_table)
    found, read = read_for_one(model, field)
    assert read > 5 * found


@on_postgresql
@pytest.mark.slow
@pytest.mark.django_db
def test_limits_of_a_day_are_found_by_their_unique_pairs(some_of_all):
    """One pair or the other, which begin alike: without both all limits are read."""
    day = BakeDay.objects.filter(capacities__isnull=False).latest("date").pk
    [sql] = statements_of(lambda: list(Capacity.objects.filter(bake_day=day)))
    prefer(enable_seqscan="off")
    of_day = Capacity.objects.filter(bake_day=day).count()
    assert rows_read(sql, "shop_capacity") == of_day
    take_away("CONSTRAINT capacity_product_once_a_day", of="shop_capacity")
    assert rows_read(sql, "shop_capacity") == of_day
    take_away("CONSTRAINT capacity_resource_once_a_day", of="shop_capacity")
    assert rows_read(sql, "shop_capacity") > 5 * of_day
