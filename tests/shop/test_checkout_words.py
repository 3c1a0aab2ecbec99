"""What the pages of checkout are written of is what Django would write them of."""

from __future__ import annotations

import datetime as dt

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from shop.forms import ContactForm
from shop.freezing import frozen_lines, told_of
from shop.holds import HOLD_MINUTES, live_hold, remember_on_fitting
from shop.links import order_address
from shop.models import Hold, Order, OrderEvent, Payment
from shop.shopping import priced
from shop.views.checkout_words import contact_fields
from shop.views.last_order import basket_mark, find_order
from shop.views.order_parts import read_parts
from tests.shop import make
from tests.shop.baskets import MRS_SSONI, make_basket, place
from tests.shop.checkout_stage import change, enter, with_choice

NASTY = '"><script>alert(1)</script>&amp; what-was-typed é'


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"name": "Mrs Ssoni", "email": "s@example.com", "phone": "", "note": None},
        {"name": NASTY, "email": NASTY, "phone": NASTY, "note": NASTY},
    ],
)
def test_the_fields_are_those_of_the_form(told):
    form = ContactForm(initial=told)
    django_s = "".join(
        render_to_string("shop/parts/_field.html", {"field": field}) for field in form
    )
    assert contact_fields(told) == django_s
    assert contact_fields(told) == django_s  # and so it is when it is remembered


def test_the_mark_of_a_basket_is_djangos():
    django_s = salted_hmac("shop.checkout.page", "a-token", algorithm="sha256")
    assert basket_mark("a-token") == django_s.hexdigest()[:32]


@pytest.mark.parametrize("secret", ["x" * 43, "a-_b", "50% & more"])
@pytest.mark.parametrize("page", ["order", "order_code", "order_calendar"])
def test_an_orders_addresses_are_those_of_its_pages(secret, page):
    django_s = reverse(f"shop:{page}", args=[secret]).replace("&", "%26")
    assert order_address(Order(secret=secret), page) == django_s


# --- an order and all that its page tells ------------------------------------------


@pytest.fixture
def order(db):
    variant = make.make_variant()
    choices = with_choice(variant)
    return place(make_basket({variant: 2}, make.make_slot(), choices=choices)).order


def parts_of(order, number_asked):
    with number_asked(2):  # the order, and its slot
        return read_parts(find_order(order.secret, with_parts=True).parts)


def test_one_question_tells_lines_events_and_payment(order, django_assert_num_queries):
    later = timezone.now().replace(microsecond=0) + dt.timedelta(hours=1)
    for state in ("ready", "in_production", "ready"):
        event = OrderEvent.objects.create(order=order, kind=state, to_state=state)
        OrderEvent.objects.filter(pk=event.pk).update(at=later)
        later += dt.timedelta(microseconds=250_001)
    order.lines.update(name='Brötchen "50 %s"', allergens=["milk", "eggs"])
    second = order.lines.get()
    second.pk, second.name, second.options = None, "Second", []
    second.save()
    place(make_basket({make.make_variant(): 1}, order.slot))  # of somebody else
    parts = parts_of(order, django_assert_num_queries)
    names = ("name", "options", "quantity", "total_cents", "allergens")
    assert parts.lines == list(order.lines.values(*names))
    assert parts.lines[0]["name"] == 'Brötchen "50 %s"'
    assert [fact["choice"] for fact in parts.lines[0]["options"]] == ["Sliced"]
    assert parts.reached == dict(order.events.values_list("to_state", "at"))
    assert parts.due_cents == order.total_cents


@pytest.mark.parametrize("state", ["paid", "cancelled"])
def test_what_is_not_due_is_not_told(order, state, django_assert_num_queries):
    Payment.objects.filter(order=order).update(state=state)
    assert parts_of(order, django_assert_num_queries).due_cents is None


def test_an_order_of_which_nothing_is_told(db, django_assert_num_queries):
    order = make.make_order(slot=make.make_slot(), lines={})
    order.lines.all().delete()
    order.payments.all().delete()
    order.events.all().delete()
    parts = parts_of(order, django_assert_num_queries)
    assert parts == ([], {}, None)


def test_a_line_tells_before_ordering_what_it_will_tell_after(db):
    variant = make.make_variant()
    choices = with_choice(variant)
    basket = priced(make_basket({variant: 2}, make.make_slot(), choices=choices))
    [line] = frozen_lines(basket)
    told = told_of(basket.lines[0])
    assert told == {name: getattr(line, name) for name in told}
    assert (line.variant, line.quantity) == (variant, 2)


# --- the contact on the hold -------------------------------------------------------


@pytest.fixture
def held(db):
    variant = make.make_variant()
    contents = make_basket({variant: 1}, make.make_slot())
    enter(contents)
    return contents, variant


def remember(contents) -> bool:
    return remember_on_fitting(priced(contents), MRS_SSONI, minutes=5)


def test_a_fitting_hold_remembers_in_one_statement(held, django_assert_num_queries):
    contents, _ = held
    basket = priced(contents)
    with django_assert_num_queries(1):
        assert remember_on_fitting(basket, MRS_SSONI, minutes=5)
    assert live_hold(contents.token).contact == MRS_SSONI.as_facts()


def ends_soon(contents, variant):
    soon = timezone.now() + dt.timedelta(minutes=HOLD_MINUTES / 2, seconds=-5)
    Hold.objects.update(expires_at=soon)
    return contents


def other_basket_version(contents, variant):
    return change(contents, variant, 2)


def other_slot(contents, variant):
    Hold.objects.update(slot=make.make_slot(starts=dt.time(12)))
    return contents


@pytest.mark.parametrize("spoil", [ends_soon, other_basket_version, other_slot])
def test_any_other_hold_remembers_nothing(held, spoil):
    contents = spoil(*held)
    assert not remember(contents)
    assert Hold.objects.get().contact == {}
