"""At the counter: find the order, take the money, give it out, once."""

import datetime as dt

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from shop.counter import find_orders
from shop.models import OrderEvent, Payment
from shop.resend import send_mail_again
from shop.roles import COUNTER
from shop.templatetags.days import clock
from tests.shop.make import (
    day_from_today,
    make_bake_day,
    make_order,
    make_payment,
    make_slot,
)
from tests.shop.staffing import client_of, make_staff

pytestmark = pytest.mark.django_db

CODE = "K7M2P"


@pytest.fixture
def mina():
    return make_staff(COUNTER, name="Mina")


@pytest.fixture
def counter(mina):
    return client_of(mina)


def order_on(days, **facts):
    day = make_bake_day(date=day_from_today(days))
    return make_order(slot=make_slot(bake_day=day), **facts)


# --- finding -----------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["K7M2P", "k7m2p", "k7m-2p", " K7 M2P ", "K7M2-p"])
def test_a_code_opens_its_order_however_it_is_typed(counter, typed):
    order_on(-60, code=CODE)
    answer = counter.get("/staff/hand-over/", {"q": typed})
    assert (answer.status_code, answer.url) == (302, f"/staff/orders/{CODE}/")


def test_a_name_finds_the_orders_of_the_days_around_nearest_first():
    today = order_on(0, name="Mrs Ssoni")
    order_on(-8, name="Mrs Ssoni")
    tomorrow = order_on(1, name="Leo ssoni")
    later = order_on(5, name="Ssoni, Ada")
    order_on(2, name="Kelly")
    assert find_orders("ssoni") == [today, tomorrow, later]
    assert find_orders("ada SSONI") == [later]


def test_a_name_made_of_code_letters_is_still_found_as_a_name():
    order = order_on(0, name="Mr Bj")
    assert find_orders("bj") == [order]


def test_several_orders_of_one_name_are_listed(counter):
    day = make_bake_day(date=day_from_today(0))
    for code in ("BBBBB", "CCCCC"):
        make_order(
            slot=make_slot(bake_day=day, starts=dt.time(int(8 + ord(code[0]) % 2))),
            code=code,
            name="Kelly",
        )
    page = counter.get("/staff/hand-over/", {"q": "kelly"}).content.decode()
    assert "BBBBB" in page
    assert "CCCCC" in page
    assert "2 orders" in page


@pytest.mark.parametrize("typed", ["", "  ", "zzzzz", "%", "_", "\x00", "x" * 5000])
def test_what_is_not_found_says_so(counter, typed):
    order_on(0, code=CODE, name="Kelly")
    answer = counter.get("/staff/hand-over/", {"q": typed})
    assert answer.status_code == 200
    page = answer.content.decode()
    assert CODE not in page
    assert ("Nothing found" in page) == bool(typed.strip(" \x00"))


def test_the_field_for_the_code_has_the_focus(counter):
    assert b"autofocus" in counter.get("/staff/hand-over/").content


# --- the order's page ---------------------------------------------------------------


def test_the_amount_due_comes_before_the_button(counter):
    order = order_on(0, code=CODE)
    make_payment(order=order)
    page = counter.get(f"/staff/orders/{CODE}/").content.decode()
    assert page.index("To be paid: <strong>€4.50") < page.index("Paid and handed over")


def test_an_order_is_found_by_its_code_in_small_letters(counter):
    order_on(0, code=CODE)
    assert counter.get("/staff/orders/k7m-2p/").status_code == 200
    assert counter.get("/staff/orders/NNNNN/").status_code == 404
    assert counter.get("/staff/orders/0/").status_code == 404


def test_the_page_asks_the_database_a_fixed_number_of_times(
    counter, django_assert_num_queries
):
    order = order_on(0, code=CODE)
    make_payment(order=order)
    with django_assert_num_queries(9):
        counter.get(f"/staff/orders/{CODE}/")


def hand_over(client, code=CODE, **data):
    return client.post(f"/staff/orders/{code}/hand-over/", data)


def test_handing_over_takes_the_money_and_writes_who_and_when(counter, mina):
    order = order_on(0, code=CODE)
    payment = make_payment(order=order)
    answer = hand_over(counter)
    assert (answer.status_code, answer.url) == (303, f"/staff/orders/{CODE}/")
    order.refresh_from_db()
    payment.refresh_from_db()
    assert order.state == "handed_over"
    assert payment.state == Payment.State.PAID
    assert [e.amount_cents for e in payment.events.all()] == [450]
    assert order.events.get(kind="handed_over").actor == mina
    page = counter.get(answer.url).content.decode()
    assert f"{CODE} is handed over." in page
    assert "by Mina" in page
    assert "Take it back" in page


def test_a_second_press_tells_who_was_first_and_takes_no_more_money(counter):
    order = order_on(0, code=CODE)
    payment = make_payment(order=order)
    hand_over(counter)
    event = order.events.get(kind="handed_over")
    other = client_of(make_staff(COUNTER, name="Leo"))
    page = other.get(hand_over(other).url).content.decode()
    assert f"{CODE} was already handed over {clock(event.at)} by Mina." in page
    assert order.events.filter(kind="handed_over").count() == 1
    assert payment.events.count() == 1


def test_a_hand_over_can_be_taken_back_with_its_money(counter):
    order = order_on(0, code=CODE, state="ready")
    payment = make_payment(order=order)
    hand_over(counter)
    answer = hand_over(counter, undo="1")
    assert answer.status_code == 303
    order.refresh_from_db()
    payment.refresh_from_db()
    assert (order.state, payment.state) == ("ready", Payment.State.DUE)
    assert [e.amount_cents for e in payment.events.all()] == [450, -450]


def test_after_a_minute_it_can_not(counter):
    order = order_on(0, code=CODE)
    hand_over(counter)
    OrderEvent.objects.update(at=timezone.now() - dt.timedelta(seconds=61))
    page = counter.get(f"/staff/orders/{CODE}/").content.decode()
    assert "Take it back" not in page
    answer = hand_over(counter, undo="1")
    assert answer.status_code == 409
    assert "can be undone for 60 seconds only" in answer.content.decode()
    order.refresh_from_db()
    assert order.state == "handed_over"


def test_a_cancelled_order_is_not_handed_over(counter):
    order = order_on(0, code=CODE, state="cancelled")
    answer = hand_over(counter)
    assert answer.status_code == 409
    assert "is cancelled." in answer.content.decode().lower()
    assert not order.events.exists()


# --- moves and mails ------------------------------------------------------------------


def move(client, to):
    return client.post(f"/staff/orders/{CODE}/state/", {"to": to})


def test_an_order_moves_where_the_table_allows(counter, mina):
    order = order_on(0, code=CODE)
    assert move(counter, "in_production").status_code == 303
    order.refresh_from_db()
    assert order.state == "in_production"
    assert order.events.get().actor == mina


@pytest.mark.parametrize(
    ("to", "status"), [("expired", 409), ("eaten", 422), ("", 422)]
)
def test_any_other_move_changes_nothing(counter, to, status):
    order = order_on(0, code=CODE)
    assert move(counter, to).status_code == status
    order.refresh_from_db()
    assert order.state == "confirmed"
    assert not order.events.exists()


def test_only_allowed_moves_have_a_button(counter):
    order_on(0, code=CODE, state="handed_over")
    page = counter.get(f"/staff/orders/{CODE}/").content.decode()
    assert f"/staff/orders/{CODE}/state/" not in page


def test_the_mail_goes_out_again_with_an_id_of_its_own(counter, mailoutbox):
    order = order_on(0, code=CODE)
    for _ in range(2):
        answer = counter.post(f"/staff/orders/{CODE}/mail/")
        assert answer.status_code == 303
    assert DBTaskResult.objects.count() == 2
    for asked in order.events.filter(kind="mail_asked"):
        assert send_mail_again.call(asked.pk) is True
        assert send_mail_again.call(asked.pk) is False
    assert [message.to for message in mailoutbox] == [[order.email]] * 2
    ids = {message.extra_headers["Message-ID"] for message in mailoutbox}
    assert len(ids) == 2
