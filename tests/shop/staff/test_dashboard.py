"""Today and tomorrow at a glance."""

import datetime as dt

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from shop.dashboard import Fill, bars, dashboard
from shop.roles import BAKER, COUNTER, OWNER
from shop.tasks import send_order_mail
from tests.shop.make import (
    at,
    day_from_today,
    make_bake_day,
    make_capacity,
    make_order,
    make_payment,
    make_product,
    make_slot,
    make_variant,
)
from tests.shop.staffing import client_of, make_staff

pytestmark = pytest.mark.django_db


def slot_on(days, **facts):
    return make_slot(bake_day=make_bake_day(date=day_from_today(days)), **facts)


def test_orders_pieces_and_money_of_both_days():
    today, tomorrow = slot_on(0), slot_on(1)
    make_order(slot=today, lines={make_variant(price_cents=450): 2})
    make_order(slot=today, lines={make_variant(price_cents=100): 3})
    make_order(slot=today, state="cancelled")
    make_order(slot=tomorrow, lines={make_variant(price_cents=700): 1})
    shown = dashboard()
    assert (shown.today.orders, shown.today.pieces, shown.today.cents) == (2, 5, 1200)
    assert (shown.tomorrow.orders, shown.tomorrow.pieces) == (1, 1)
    assert shown.tomorrow.cents == 700


def test_unpaid_ready_and_handed_over_are_counted():
    slot = slot_on(0)
    make_payment(order=make_order(slot=slot))
    make_payment(order=make_order(slot=slot, state="ready"), state="paid")
    make_payment(order=make_order(slot=slot, state="handed_over"), state="paid")
    today = dashboard().today
    assert (today.unpaid, today.ready, today.handed_over) == (1, 1, 1)


def test_late_is_who_has_not_come_when_the_slot_is_over():
    slot = slot_on(0, starts=dt.time(8), minutes=30)
    make_order(slot=slot)
    make_order(slot=slot, state="handed_over")
    day = slot.bake_day.date
    assert dashboard(at(day, dt.time(8, 30))).today.late == 0
    assert dashboard(at(day, dt.time(8, 31))).today.late == 1


def test_slots_come_in_time_order_with_how_full_they_are():
    day = make_bake_day(date=day_from_today(0))
    make_slot(bake_day=day, starts=dt.time(9), places=20, taken=17)
    make_slot(bake_day=day, starts=dt.time(8), places=8, taken=8)
    make_slot(bake_day=day, starts=dt.time(10), places=20, taken=16)
    told = [(f.what, f.level, f.words) for f in dashboard().today.slots]
    assert told == [
        ("08:00–08:30", "full", "full"),
        ("09:00–09:30", "low", "3 places left"),
        ("10:00–10:30", "fine", "4 places left"),
    ]


def test_only_limits_that_run_low_are_named():
    day = make_bake_day(date=day_from_today(1))
    low, fine = make_product(name="Milk bread"), make_product()
    make_capacity(bake_day=day, product=low, limit=100, taken=85)
    make_capacity(bake_day=day, product=fine, limit=100, taken=84)
    assert [(f.what, f.left) for f in dashboard().tomorrow.low] == [("Milk bread", 15)]


def test_a_limit_of_nothing_is_full():
    fill = Fill("Milk bread", taken=0, limit=0, unit="pieces")
    assert (fill.percent, fill.level) == (100, "full")


def test_the_last_fourteen_days_are_drawn():
    for days, orders in ((0, 2), (-13, 4), (-14, 9)):
        slot = slot_on(days)
        for _ in range(orders):
            make_order(slot=slot)
    drawn = bars(dashboard().past)
    assert [bar.day.orders for bar in drawn] == [4] + [0] * 12 + [2]
    assert [bar.height for bar in drawn] == [80] + [0] * 12 + [40]


def test_failed_jobs_are_told():
    result = send_order_mail.enqueue(make_order().pk, "confirmation")
    assert dashboard().failed_tasks == 0
    DBTaskResult.objects.filter(pk=result.id).update(
        status="FAILED", finished_at=timezone.now()
    )
    assert dashboard().failed_tasks == 1
    page = client_of(make_staff(OWNER)).get("/staff/").content.decode()
    assert "1 job, such as mails, did not work." in page
    page = client_of(make_staff(BAKER)).get("/staff/").content.decode()
    assert "Please tell the owner." in page


@pytest.mark.parametrize(
    ("role", "sees"), [(OWNER, True), (BAKER, False), (COUNTER, False)]
)
def test_the_sales_are_for_the_owner(role, sees):
    make_order(slot=slot_on(0), lines={make_variant(price_cents=1234): 1})
    page = client_of(make_staff(role)).get("/staff/").content.decode()
    assert ("€12.34" in page) is sees


def test_one_order_of_one_piece_is_told_as_one():
    make_order(slot=slot_on(0), lines={make_variant(): 1})
    page = client_of(make_staff(COUNTER)).get("/staff/").content.decode()
    assert "<dt>order</dt><dd>1</dd>" in page
    assert "<dt>piece</dt><dd>1</dd>" in page
    assert "<dt>orders</dt><dd>0</dd>" in page  # tomorrow


def test_the_page_asks_eight_times_however_much_is_sold(django_assert_num_queries):
    owner = client_of(make_staff(OWNER))
    for days in (-3, 0, 1):
        slot = slot_on(days)
        for _ in range(8):
            make_payment(order=make_order(slot=slot))
            make_capacity(bake_day=slot.bake_day, limit=1, taken=1)
    with django_assert_num_queries(8):
        answer = owner.get("/staff/")
    assert len(answer.content) < 20_000


def test_an_empty_bakery_has_a_page_too():
    answer = client_of(make_staff(OWNER)).get("/staff/")
    assert answer.status_code == 200
    assert "The oven is off." in answer.content.decode()
