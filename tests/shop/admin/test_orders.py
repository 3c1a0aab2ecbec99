"""Orders in the admin: looked at, moved, exported; never edited."""

import csv
import io

import pytest

from shop.models import Order
from shop.roles import COUNTER, OWNER
from tests.shop.make import (
    day_from_today,
    make_bake_day,
    make_order,
    make_payment,
    make_slot,
    make_variant,
)
from tests.shop.staffing import client_of, make_staff

pytestmark = pytest.mark.django_db

LIST = "/admin/shop/order/"


@pytest.fixture
def owner():
    return client_of(make_staff(OWNER))


def order_of_today(**facts):
    day = make_bake_day(date=day_from_today(0))
    return make_order(slot=make_slot(bake_day=day), **facts)


def act(client, action, *orders):
    data = {"action": action, "_selected_action": [order.pk for order in orders]}
    return client.post(LIST, data, follow=True)


def test_an_order_shows_lines_money_and_record_and_takes_no_change(owner):
    order = order_of_today(code="K7M2P", lines={make_variant(): 2})
    make_payment(order=order)
    order.events.create(kind="placed")
    address = f"{LIST}{order.pk}/change/"
    page = owner.get(address).content.decode()
    for words in ("K7M2P", "€9.00", "placed", "/staff/orders/K7M2P/"):
        assert words in page
    assert order.secret not in page
    assert order.basket_token not in page
    assert owner.post(address, {"total_cents": 1}).status_code == 403
    assert owner.get(f"{LIST}add/").status_code == 403
    delete = f"{LIST}{order.pk}/delete/"
    assert owner.post(delete, {"post": "yes"}).status_code == 403
    order.refresh_from_db()
    assert order.total_cents == 900


def test_orders_of_a_list_are_marked_ready_with_their_lines(owner):
    order, gone = order_of_today(), make_order(state="cancelled", code="GGGGG")
    Order.objects.filter(pk=gone.pk).update(bake_day=order.bake_day, slot=order.slot)
    page = act(owner, "mark_ready", order, gone).content.decode()
    order.refresh_from_db()
    gone.refresh_from_db()
    assert (order.state, gone.state) == ("ready", "cancelled")
    assert order.lines.get().packed_at is not None
    assert "1 orders moved." in page
    assert "Order GGGGG is" in page


def test_orders_of_a_list_go_into_the_oven(owner):
    order = order_of_today()
    act(owner, "mark_in_production", order)
    order.refresh_from_db()
    assert order.state == "in_production"
    assert order.events.get().actor.name == "Mina the owner"


def rows_of(response):
    return list(csv.DictReader(io.StringIO(response.getvalue().decode())))


def test_the_export_writes_money_and_days_for_a_spreadsheet(owner):
    order = order_of_today(code="K7M2P", name="Mrs Ssoni", lines={make_variant(): 2})
    make_payment(order=order)
    response = act(owner, "export_csv", order)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    (row,) = rows_of(response)
    assert row["code"] == "K7M2P"
    assert row["total"] == "9.00"
    assert row["paid"] == "no"
    assert row["bake_day"] == day_from_today(0).isoformat()
    assert not {"secret", "basket_token"} & set(row)


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t"])
def test_a_name_that_is_a_formula_is_exported_as_words(owner, sign):
    order = order_of_today(name=f"{sign}1+1", note=f"{sign}cmd|'/c calc'!A1")
    (row,) = rows_of(act(owner, "export_csv", order))
    assert row["name"] == f"'{sign}1+1"
    assert row["note"].startswith("'")


def test_the_export_asks_a_fixed_number_of_times(owner, django_assert_max_num_queries):
    slot = make_slot(bake_day=make_bake_day(date=day_from_today(0)))
    orders = [make_order(slot=slot) for _ in range(20)]
    with django_assert_max_num_queries(8):
        assert len(rows_of(act(owner, "export_csv", *orders))) == 20


def test_an_export_in_many_pieces_is_one_table(owner, monkeypatch):
    monkeypatch.setattr("shop.admin.exports.PIECE", 3)
    slot = make_slot(bake_day=make_bake_day(date=day_from_today(0)))
    orders = [make_order(slot=slot) for _ in range(8)]
    found = [row["code"] for row in rows_of(act(owner, "export_csv", *orders))]
    assert found == sorted(order.code for order in orders)


def test_the_counter_moves_orders_but_takes_no_list_of_customers_home():
    order = order_of_today()
    counter = client_of(make_staff(COUNTER))
    response = act(counter, "export_csv", order)
    assert response["Content-Type"].startswith("text/html")
    act(counter, "mark_ready", order)
    order.refresh_from_db()
    assert order.state == "ready"
