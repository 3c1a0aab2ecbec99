"""Packing by press."""

import datetime as dt

import pytest

from shop.models import Order, OrderEvent
from shop.packing import MOST_AT_ONCE
from shop.roles import COUNTER
from tests.shop.make import make_bake_day, make_order, make_slot, make_variant
from tests.shop.staffing import client_of, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def counter():
    return client_of(make_staff(COUNTER))


def page_of(client, order):
    return client.get(f"/staff/packing/{order.bake_day.date}/")


def press(client, line, packed):
    return client.post(f"/staff/packing/lines/{line.pk}/", {"packed": packed})


def test_the_page_shows_codes_names_lines_allergens_and_notes(counter):
    order = make_order(code="K7M2P", name="Mrs Ssoni", note="two bags, please")
    order.lines.update(
        name="Milk bread",
        allergens=["milk"],
        options=[{"group": "Slicing", "choice": "sliced"}],
    )
    page = page_of(counter, order).content.decode()
    for words in ("K7M2P", "Ssoni", "1 × Milk bread", "Slicing: sliced", "two bags"):
        assert words in page
    assert "Allergens: <strong>milk</strong>" in page
    assert "<strong>0</strong> of <strong>1</strong> packed" in page


def test_all_lines_packed_makes_the_order_ready(counter):
    order = make_order(lines={make_variant(): 1, make_variant(): 1}, code="K7M2P")
    first, second = order.lines.all()
    answer = press(counter, first, "1")
    assert answer.status_code == 303
    assert answer.url == f"/staff/packing/{order.bake_day.date}/#order-K7M2P"
    order.refresh_from_db()
    assert order.state == "confirmed"
    press(counter, second, "1")
    order.refresh_from_db()
    assert order.state == "ready"
    page = page_of(counter, order).content.decode()
    assert "<strong>1</strong> of <strong>1</strong> packed" in page


def test_a_tick_can_be_taken_off(counter):
    order = make_order()
    (line,) = order.lines.all()
    press(counter, line, "1")
    press(counter, line, "0")
    line.refresh_from_db()
    order.refresh_from_db()
    assert (line.packed_at, order.state) == (None, "in_production")


def test_a_double_press_counts_once(counter):
    order = make_order()
    (line,) = order.lines.all()
    press(counter, line, "1")
    press(counter, line, "1")
    assert OrderEvent.objects.filter(kind="ready").count() == 1


def test_a_cancelled_order_is_refused_on_the_page_itself(counter):
    order = make_order(state="cancelled")
    (line,) = order.lines.all()
    answer = press(counter, line, "1")
    assert answer.status_code == 409
    page = answer.content.decode()
    assert f"order {order.code} is cancelled.".lower() in page.lower()
    assert "<title>Error: Packing" in page
    line.refresh_from_db()
    assert line.packed_at is None


@pytest.mark.parametrize("packed", ["", "2", "yes", None])
def test_a_press_that_says_nothing_changes_nothing(counter, packed):
    (line,) = make_order().lines.all()
    data = {} if packed is None else {"packed": packed}
    answer = counter.post(f"/staff/packing/lines/{line.pk}/", data)
    assert answer.status_code == 400
    line.refresh_from_db()
    assert line.packed_at is None


@pytest.mark.parametrize("line_id", [0, 987654, 2**63, 10**40])
def test_an_unknown_line_is_not_found(counter, line_id):
    answer = counter.post(f"/staff/packing/lines/{line_id}/", {"packed": "1"})
    assert answer.status_code == 404


def test_a_press_needs_the_token():
    (line,) = make_order().lines.all()
    client = client_of(make_staff(COUNTER))
    client.handler.enforce_csrf_checks = True
    assert press(client, line, "1").status_code == 403
    line.refresh_from_db()
    assert line.packed_at is None


def test_a_handed_over_order_has_nothing_to_press(counter):
    order = make_order(state=Order.State.HANDED_OVER)
    (line,) = order.lines.all()
    page = page_of(counter, order).content.decode()
    assert "handed over" in page
    assert f"/staff/packing/lines/{line.pk}/" not in page


def test_without_a_day_it_goes_to_the_next_one(counter):
    order = make_order()
    answer = counter.get("/staff/packing/")
    assert answer.url == f"/staff/packing/{order.bake_day.date}/"
    assert counter.get("/staff/packing/?date=2026-11-24").url.endswith("2026-11-24/")
    assert counter.get("/staff/packing/?date=soon").url == answer.url


@pytest.mark.parametrize(
    "day", ["2026-13-01", "1999-01-01", "2999-01-01", "0001-01-01"]
)
def test_a_day_that_has_no_page_is_not_found(counter, day):
    assert counter.get(f"/staff/packing/{day}/").status_code == 404


@pytest.mark.parametrize("day", ["2000-01-01", "2998-12-31"])
def test_the_first_and_the_last_day_have_a_page(counter, day):
    assert counter.get(f"/staff/packing/{day}/").status_code == 200


def test_more_orders_ask_the_database_nothing_more(counter, django_assert_num_queries):
    slot = make_slot()
    for _ in range(10):
        make_order(slot=slot, lines={make_variant(): 1, make_variant(): 1})
    with django_assert_num_queries(7):
        counter.get(f"/staff/packing/{slot.bake_day.date}/")


def test_one_slot_is_shown_if_asked_for_and_stays_after_a_press(counter):
    day = make_bake_day()
    early = make_order(slot=make_slot(bake_day=day, starts=dt.time(8)), code="BBBBB")
    late = make_order(slot=make_slot(bake_day=day, starts=dt.time(9)), code="CCCCC")
    address = f"/staff/packing/{day.date}/?slot={late.slot.pk}"
    page = counter.get(address).content.decode()
    assert "CCCCC" in page
    assert "BBBBB" not in page
    assert f'name="slot" value="{late.slot.pk}"' in page
    (line,) = late.lines.all()
    typed = {"packed": "1", "slot": str(late.slot.pk)}
    answer = counter.post(f"/staff/packing/lines/{line.pk}/", typed)
    assert answer.url == f"{address}#order-CCCCC"
    every = counter.get(f"/staff/packing/{day.date}/?slot=nonsense").content.decode()
    assert early.code in every


def test_a_day_with_very_many_orders_shows_the_next_slot_to_pack(counter):
    day = make_bake_day()
    first, second = (make_slot(bake_day=day, starts=dt.time(h)) for h in (8, 9))
    variant = make_variant()
    make_order(slot=first, code="BBBBB", lines={variant: 1}, state="ready")
    make_order(slot=second, code="CCCCC", lines={variant: 1})
    for _ in range(MOST_AT_ONCE - 1):
        make_order(slot=second, lines={variant: 1})
    page = counter.get(f"/staff/packing/{day.date}/").content.decode()
    assert "CCCCC" in page
    assert "BBBBB" not in page
    assert f"<strong>1</strong> of <strong>{MOST_AT_ONCE + 1}</strong> packed" in page
