"""Mails leave at least once, can be recognised when they leave twice, and read well."""

from __future__ import annotations

import datetime as dt
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from icalendar import Calendar

from shop.contact import Contact
from shop.customers import remember_customer
from shop.ics import order_ics
from shop.links import order_link
from shop.mails import build, message_id, send_once
from shop.models import Customer, Order, OrderEvent
from shop.orders import cancel_order
from shop.qr import order_qr
from shop.tasks import send_order_mail
from tests.shop import make
from tests.shop.baskets import make_basket, place

pytestmark = pytest.mark.django_db


@pytest.fixture
def order():
    day = make.make_bake_day(date=make.day_from_today(4))
    counter = make.make_place(
        name="Counter", address="1 Mill Lane", phone="+353 1 555 0199"
    )
    slot = make.make_slot(bake_day=day, place=counter, starts=dt.time(8, 30))
    bread = make.make_variant(
        product=make.make_product(name="Milk & <honey> bread", variant=False),
        price_cents=450,
        label={"allergens": ["milk", "gluten.wheat"], "ingredients": "x"},
    )
    contact = Contact("Mrs <Ssoni>", "Ssoni@Example.com", "", "Ring & wait")
    return place(make_basket({bread: 2}, slot), contact=contact).order


def run(order, kind="confirmation"):
    return send_order_mail.func(order.pk, kind)


class Text(HTMLParser):
    """The text of a page, and what its tags were."""

    def __init__(self, page):
        super().__init__()
        self.words, self.tags = [], set()
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)

    def handle_data(self, data):
        self.words.append(data)

    def __str__(self):
        return " ".join(" ".join(self.words).split())


def html_of(message):
    [alternative] = message.alternatives
    assert alternative.mimetype == "text/html"
    return alternative.content


def test_the_confirmation_says_everything_in_text_and_html(order):
    assert run(order) is True
    [message] = mail.outbox
    assert message.to == ["Ssoni@Example.com"]
    day = order.bake_day.date
    assert message.subject == (
        f"Your order {order.code} for {day:%A} {day.day} {day:%B}"
    )
    page = str(Text(html_of(message)))
    for text in (message.body, page):
        assert order.code in text
        assert "Milk & <honey> bread" in text
        assert "Mrs <Ssoni>" in text
        assert "Ring & wait" in text
        assert "€9.00" in text
        assert "of which tax €1.07" in text
        assert "8:30 to 9:00" in text
        assert "Counter, 1 Mill Lane" in text
        assert "gluten (wheat), milk" in text
        assert "pay when you pick up" in text
    assert order_link(order) in message.body
    assert order_link(order) in html_of(message)


def test_the_html_runs_nothing_and_loads_nothing(order):
    page = html_of(build(order, "confirmation"))
    assert not Text(page).tags & {"script", "img", "link", "iframe", "form"}
    assert "max-width:600px" in page
    assert "prefers-color-scheme: dark" in page


def test_lines_of_text_fit_a_narrow_reader(order):
    for kind in ("confirmation", "cancellation"):
        body = build(order, kind).body
        long = [line for line in body.splitlines() if len(line) > 80]
        assert [line for line in long if not line.startswith("http")] == []


def test_a_mail_known_to_have_left_is_not_sent_again(order):
    assert run(order) is True
    assert run(order) is False
    assert len(mail.outbox) == 1
    events = OrderEvent.objects.filter(kind="mail_sent")
    assert [event.data for event in events] == [{"mail": "confirmation"}]


def test_a_repeat_after_a_kill_has_the_same_message_id(order):
    run(order)
    OrderEvent.objects.filter(kind="mail_sent").delete()  # killed before noting it
    run(order)
    ids = [message.message()["Message-ID"] for message in mail.outbox]
    assert ids == [message_id(order, "confirmation")] * 2


def test_a_mail_the_server_refused_counts_as_not_sent(order, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # nobody listens there
    with pytest.raises(ConnectionRefusedError):
        run(order)
    assert not OrderEvent.objects.filter(kind="mail_sent").exists()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert run(order) is True


def test_a_confirmation_overtaken_by_the_cancellation_is_not_sent(order):
    cancel_order(order, by_shopper=True)
    assert run(order, "cancellation") is True
    assert run(order, "confirmation") is False
    [message] = mail.outbox
    assert message.subject == f"Your order {order.code} is cancelled"
    assert message.message()["Message-ID"] == message_id(order, "cancellation")
    assert "Milk & <honey> bread" in message.body
    assert "pay when you pick up" not in message.body


def test_a_mail_is_built_in_two_queries(order, django_assert_num_queries):
    order = Order.objects.select_related("bake_day", "slot__place").get()
    with django_assert_num_queries(2):
        build(order, "confirmation")


def test_a_kind_that_does_not_exist_is_an_error(order):
    with pytest.raises(KeyError):
        send_once(order, "advertisement")
    assert mail.outbox == []


# --- calendar and code -------------------------------------------------------------


def event_of(calendar_file):
    calendar = Calendar.from_ical(calendar_file)
    [event] = calendar.walk("VEVENT")
    return calendar, event


def test_the_calendar_file_has_the_pick_up_in_local_time(order):
    message = build(order, "confirmation")
    [(name, content, kind)] = message.attachments
    assert (name, kind) == (f"order-{order.code}.ics", "text/calendar")
    calendar, event = event_of(content)
    start = event["dtstart"].dt
    assert start == dt.datetime.combine(
        order.bake_day.date, dt.time(8, 30), tzinfo=ZoneInfo("Europe/Dublin")
    )
    assert event["dtstart"].params["TZID"] == "Europe/Dublin"
    assert event["dtend"].dt - start == dt.timedelta(minutes=30)
    assert len(calendar.walk("VTIMEZONE")) == 1
    assert (event["sequence"], event["status"]) == (0, "CONFIRMED")
    assert event["url"] == order_link(order)
    assert event["location"] == "Counter, 1 Mill Lane"


def test_the_cancellation_takes_the_same_entry_out_again(order):
    _, before = event_of(order_ics(order))
    cancel_order(order, by_shopper=True)
    calendar, after = event_of(order_ics(order))
    assert after["uid"] == before["uid"]
    assert after["sequence"] > before["sequence"]
    assert (calendar["method"], after["status"]) == ("CANCEL", "CANCELLED")


def test_the_calendar_file_is_the_same_each_time(order):
    assert order_ics(order) == order_ics(Order.objects.get())


@pytest.mark.parametrize(
    ("month_day", "hour"), [((3, 29), 7), ((10, 25), 8), ((7, 1), 7), ((12, 1), 8)]
)
def test_wall_time_stays_wall_time_over_the_year(month_day, hour):
    day = make.make_bake_day(date=dt.date(2026, *month_day))
    order = make.make_order(slot=make.make_slot(bake_day=day, starts=dt.time(8)))
    _, event = event_of(order_ics(order))
    assert event["dtstart"].dt.astimezone(dt.UTC).hour == hour


def test_the_code_is_an_svg_without_styles_or_scripts(order):
    svg = order_qr(order)
    assert svg.startswith("<?xml")
    assert f"<title>Order {order.code}</title>" in svg
    assert "viewBox" in svg
    assert "<script" not in svg
    assert "style=" not in svg


# --- customers ---------------------------------------------------------------------


def test_the_mail_task_remembers_the_customer(order):
    run(order)
    customer = Customer.objects.get()
    assert (customer.email, customer.name) == ("ssoni@example.com", "Mrs <Ssoni>")
    assert Order.objects.get().customer == customer
    run(order)
    assert Customer.objects.count() == 1


def test_a_known_customer_keeps_what_is_known():
    known = make.make_customer(email="amir@example.com", name="Amir", phone="")
    order = make.make_order(email="AMIR@example.com", name="Mallory", phone="12345")
    assert remember_customer(order) == known
    known.refresh_from_db()
    assert (known.name, known.phone) == ("Amir", "12345")
