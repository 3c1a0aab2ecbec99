"""New rows come in as they are, alone or with those that belong to them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shop.inserting import Facts, insert, insert_together
from shop.models import Hold, Order, OrderEvent, OrderLine, Payment, TaxClass
from tests.shop import make
from tests.shop.baskets import make_basket, place

pytestmark = pytest.mark.django_db
ON_POSTGRESQL = connection.vendor == "postgresql"


@pytest.fixture
def order():
    return place(make_basket({make.make_variant(): 1}, make.make_slot())).order


@pytest.mark.parametrize(
    "data", [{"a": [1, None]}, [], "words", 7, True], ids=lambda data: repr(data)
)
def test_rows_are_kept_as_they_are(order, data, django_assert_num_queries):
    at = timezone.now()
    rows = [OrderEvent(order=order, kind=kind, data=data) for kind in "ab"]
    with django_assert_num_queries(1):
        insert(rows)
    kept = [OrderEvent.objects.get(pk=row.pk) for row in rows]
    assert [row.kind for row in kept] == ["a", "b"]
    assert [row.data for row in kept] == [data, data]
    assert [row.at for row in kept] == [row.at for row in rows]
    assert rows[0].at >= at
    assert rows[0].actor is None


def test_a_new_row_can_be_changed_afterwards(order):
    event = OrderEvent(order=order, kind="first")
    insert([event])
    event.kind = "second"
    event.save()
    assert OrderEvent.objects.get(pk=event.pk).kind == "second"


def test_the_database_works_expressions_out(order):
    before = timezone.now()
    hold = Hold(
        basket_token="0" * 32,
        basket_version=1,
        slot=order.slot,
        network="somewhere",
        expires_at=Now() + dt.timedelta(minutes=10),
    )
    insert([hold])
    left = Hold.objects.get(pk=hold.pk).expires_at - before
    assert dt.timedelta(minutes=9) < left < dt.timedelta(minutes=11)


def test_what_the_database_refuses_is_not_there():
    kinds = [TaxClass(name="Bread", permille=70) for _ in range(2)]
    before = TaxClass.objects.count()
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(kinds)
    assert TaxClass.objects.count() == before
    assert connection.is_usable()


# --- several kinds -----------------------------------------------------------------


def new_rows(slot, lines=3, quantity=1):
    """An order, its lines, its payment and what is noted of it; nothing is saved."""
    nth = make.number()
    order = Order(
        code=f"N{nth:05d}", secret=f"new-{nth}", basket_token=f"new-{nth}",
        slot=slot, bake_day=slot.bake_day, name="Mrs Ssoni", email="s@example.com",
        currency="EUR", total_cents=900, tax_cents=0,
    )  # fmt: skip
    order_lines = [
        OrderLine(
            order=order, variant=make.make_variant(), name=f'"Rye" {place}\n\u00e9',
            options=[{"group": "Slicing", "choice": "100 %s"}], quantity=quantity,
            unit_price_cents=100 + place, total_cents=quantity * (100 + place),
            tax_permille=70, tax_cents=place, allergens=["milk"],
            packed_at=timezone.now() if place else None,
        )
        for place in range(lines)
    ]  # fmt: skip
    payment = Payment(order=order, method="at_pickup", amount_cents=900)
    data = Facts("payment", payment, total_cents=900)
    event = OrderEvent(order=order, kind="placed", to_state=order.state, data=data)
    return order, order_lines, payment, event


def save(order, lines, payment, event):
    insert_together([order], lines, [payment], [event])


@pytest.mark.parametrize("lines", [1, 2, 12])
def test_what_belongs_together_comes_in_at_once(lines, django_assert_num_queries):
    order, order_lines, payment, event = rows = new_rows(make.make_slot(), lines)
    with django_assert_num_queries(1 if ON_POSTGRESQL else 4):
        save(*rows)
    for row in (order, *order_lines, payment):
        kept = type(row).objects.get(pk=row.pk)
        assert kept.pk == row.pk
        fields = [field.attname for field in row._meta.local_concrete_fields]
        told = {name: getattr(row, name) for name in fields}
        found = {name: getattr(kept, name) for name in fields}
        assert found == told
    assert list(order.lines.all()) == order_lines
    with django_assert_num_queries(0):
        assert {row.order for row in (*order_lines, payment, event)} == {order}
    kept = OrderEvent.objects.get(pk=event.pk)
    assert kept.data == {"payment": payment.pk, "total_cents": 900}
    assert (kept.order, kept.kind, kept.to_state) == (order, "placed", "confirmed")


def test_each_is_saved_for_its_own_order_only():
    slot = make.make_slot()
    first, second = new_rows(slot), new_rows(slot)
    save(*first)
    save(*second)
    for order, lines, payment, event in (first, second):
        assert list(order.lines.all()) == lines
        assert list(order.payments.all()) == [payment]
        assert list(order.events.all()) == [event]


@pytest.mark.skipif(not ON_POSTGRESQL, reason="SQLite takes a statement for each kind")
def test_the_statement_is_the_same_for_any_number_of_rows():
    slot, asked = make.make_slot(), set()
    for lines in (2, 3, 40):
        rows = new_rows(slot, lines)
        with CaptureQueriesContext(connection) as queries:
            save(*rows)
        asked.add(queries[0]["sql"])
    (statement,) = asked
    assert statement.count("%s") <= 50  # psycopg reads a longer one anew each time


def test_what_the_database_refuses_of_one_kind_leaves_none_of_the_others():
    rows = new_rows(make.make_slot(), quantity=0)
    with pytest.raises(IntegrityError), transaction.atomic():
        save(*rows)
    assert not Order.objects.exists()
    assert not Payment.objects.exists()
    assert not OrderEvent.objects.exists()


def test_a_word_that_is_too_long_is_refused_and_not_cut():
    if not ON_POSTGRESQL:
        pytest.skip("SQLite keeps words of any length")
    order, lines, *others = new_rows(make.make_slot())
    lines[1].name = "x" * 161
    with pytest.raises(DataError), transaction.atomic():
        save(order, lines, *others)
    assert not Order.objects.exists()
