"""The order's page behind its secret link, and cancelling."""

from __future__ import annotations

import datetime as dt

import icalendar
import pytest
from django.utils import timezone

from shop.models import BakeDay, Order
from shop.orders import move_order
from tests.shop import make
from tests.shop.baskets import drift, everything, make_basket, place, taken
from tests.shop.shopper import Shopper, text, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def slot():
    return make.make_slot(places=8)


@pytest.fixture
def bread(slot):
    product = make.make_product(name="Milk bread", price_cents=435)
    make.make_capacity(bake_day=slot.bake_day, product=product, limit=10)
    variant = product.variants.get()
    variant.label = {
        "allergens": ["gluten.wheat", "milk"],
        "ingredients": "flour, milk",
    }
    variant.save()
    return variant


@pytest.fixture
def order(bread, slot):
    return place(make_basket({bread: 2}, slot)).order


@pytest.fixture
def visitor():
    return Shopper()


def cancel_path(order):
    return f"{order.get_absolute_url()}cancellation/"


def test_the_page_tells_everything_about_the_order(visitor, order):
    page = visitor.get(order.get_absolute_url())
    assert page.status_code == 200
    said = text(page)
    assert order.code in said
    assert "2 × Milk bread €8.70" in said
    assert "Contains gluten (wheat), milk" in said
    assert "8:00–8:30" in said
    assert order.slot.place.name in said
    assert "€8.70, cash or card" in said
    assert "We have your order (now)" in said
    assert "Cancel this order" in said


def test_the_page_is_private_and_leaks_its_address_nowhere(visitor, order):
    for path in ("", "code.svg", "calendar.ics", "cancellation/"):
        page = visitor.get(order.get_absolute_url() + path)
        assert page.status_code == 200
        assert "no-store" in page["Cache-Control"]
        assert "private" in page["Cache-Control"]
        assert page["X-Robots-Tag"] == "noindex, nofollow"
        assert page["Referrer-Policy"] == "same-origin"


def test_a_wrong_secret_is_answered_like_an_address_that_does_not_exist(visitor, order):
    wrong = ["x" * 43, order.code, order.secret[:-1], "%00", "a%0Ab", "ä" * 43, "'" * 9]
    missing = words(visitor.get("/no-such-thing/"))
    for secret in wrong:
        for path in ("", "cancellation/", "code.svg", "calendar.ics"):
            page = visitor.get(f"/order/{secret}/{path}")
            assert page.status_code == 404
            assert words(page) == missing


def test_the_steps_carry_their_times(visitor, order):
    move_order(order, Order.State.IN_PRODUCTION)
    move_order(order, Order.State.READY)
    at = timezone.localtime(order.events.get(kind="ready").at)
    said = text(visitor.get(order.get_absolute_url()))
    assert "It is being baked (done)" in said
    assert f"waits for you (now) {at:%a} {at.day} {at:%b}, {at.hour}:{at:%M}" in said
    assert "You have picked it up (to come)" in said


def test_the_code_is_a_picture(visitor, order):
    picture = visitor.get(f"{order.get_absolute_url()}code.svg")
    assert picture["Content-Type"] == "image/svg+xml"
    assert b"<svg" in picture.content


def test_the_calendar_file_names_the_pick_up(visitor, order, slot):
    answer = visitor.get(f"{order.get_absolute_url()}calendar.ics")
    assert answer["Content-Type"].startswith("text/calendar")
    assert f"order-{order.code}.ics" in answer["Content-Disposition"]
    (event,) = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    start = make.at(slot.bake_day.date, dt.time(8))
    assert event["DTSTART"].dt == start
    assert event["SEQUENCE"] == 0


# --- cancelling --------------------------------------------------------------------


def test_cancelling_asks_once_and_gives_everything_back(visitor, order, bread, slot):
    capacities = [bread.product.capacities.get(), slot.capacity]
    assert taken(*capacities) == [2, 1]
    before = everything()
    question = visitor.get(cancel_path(order))
    assert f"Cancel order {order.code}?" in text(question)
    assert everything() == before, "asking changes nothing"
    answer = visitor.post(cancel_path(order))
    assert (answer.status_code, answer["Location"]) == (303, order.get_absolute_url())
    order.refresh_from_db()
    assert order.state == "cancelled"
    assert taken(*capacities) == [0, 0]
    assert drift() == []
    said = text(visitor.get(order.get_absolute_url()))
    assert "This order is cancelled" in said
    assert "Cancel this order" not in said


def test_cancelling_twice_says_that_it_is_cancelled_already(visitor, order):
    visitor.post(cancel_path(order))
    before = everything()
    answer = visitor.post(cancel_path(order), follow=True)
    assert answer.status_code == 200
    assert f"Order {order.code} is already cancelled" in text(answer)
    assert everything() == before


def test_cancelling_past_the_cut_off_is_refused_with_a_sentence(visitor, order):
    past = timezone.now() - dt.timedelta(minutes=1)
    BakeDay.objects.filter(pk=order.bake_day_id).update(cut_off=past)
    before = everything()
    page = visitor.post(cancel_path(order))
    assert page.status_code == 409
    assert "are closed and the baking is planned. Please call us." in text(page)
    assert everything() == before
    said = text(visitor.get(order.get_absolute_url()))
    assert "can no longer be cancelled here" in said


def test_cancelling_what_was_handed_over_is_refused(visitor, order):
    move_order(order, Order.State.HANDED_OVER)
    before = everything()
    page = visitor.post(cancel_path(order))
    assert page.status_code == 409
    assert everything() == before
    assert "Enjoy your bread" in text(visitor.get(order.get_absolute_url()))


def test_cancelling_from_another_site_changes_nothing(visitor, order):
    before = everything()
    page = visitor.post(cancel_path(order), headers={"sec-fetch-site": "cross-site"})
    assert page.status_code == 403
    assert everything() == before


def test_an_order_that_was_not_collected_says_so(visitor, order):
    move_order(order, Order.State.NOT_COLLECTED)
    said = text(visitor.get(order.get_absolute_url()))
    assert "It was not collected (now)" in said


@pytest.mark.parametrize("lines", [1, 6])
def test_the_queries_do_not_grow_with_the_lines(
    visitor, slot, django_assert_num_queries, lines
):
    variants = {make.make_variant(): 1 for _ in range(lines)}
    order = place(make_basket(variants, slot)).order
    visitor.get(order.get_absolute_url())
    with django_assert_num_queries(2):
        visitor.get(order.get_absolute_url())
