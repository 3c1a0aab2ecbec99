"""Rivals at the checkout, and shoppers who press twice, go back, have two tabs."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.conf import settings
from django.utils import timezone

from basket.badge import COOKIE_NAME as BADGE
from shop.models import BakeDay, Hold, Order, Variant
from tests.shop import make
from tests.shop.baskets import everything, taken
from tests.shop.shopper import CONTACT, Shopper, text, words

pytestmark = pytest.mark.django_db

CHECKOUT = "/checkout/"
CONTACT_PAGE = "/checkout/contact/"
ORDER_PAGE = "/checkout/order/"


@pytest.fixture
def shopper():
    return Shopper()


@pytest.fixture
def slot():
    return make.make_slot(places=8)


@pytest.fixture
def bread(slot):
    product = make.make_product(name="Milk bread", price_cents=435)
    make.make_capacity(bake_day=slot.bake_day, product=product, limit=10)
    return product.variants.get()


@pytest.fixture
def loaves(bread):
    return bread.product.capacities.get()


def close_orders(slot):
    BakeDay.objects.filter(pk=slot.bake_day_id).update(
        cut_off=timezone.now() - dt.timedelta(minutes=1)
    )


def expire_holds():
    Hold.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))


def test_a_slot_filled_between_page_and_press_offers_the_three_nearest(
    shopper, bread, slot, loaves
):
    slot.capacity.limit = 1
    slot.capacity.save()
    for hour, minute in ((7, 0), (7, 30), (8, 30), (9, 0), (12, 0)):
        make.make_slot(
            bake_day=slot.bake_day, place=slot.place, starts=dt.time(hour, minute)
        )
    shopper.fill(bread, slot, 2)
    rival = Shopper()
    rival.fill(bread, slot)
    assert rival.post(CHECKOUT).status_code == 303
    before = everything()
    page = shopper.post(CHECKOUT)
    assert page.status_code == 409
    nearest = (
        words(page).partition('class="button-row nearest"')[2].partition("</ul>")[0]
    )
    assert re.findall(r">(\d+:\d\d–\d+:\d\d)<", nearest) == [
        "7:30–8:00",
        "8:30–9:00",
        "7:00–7:30",
    ]
    assert everything() == before
    assert shopper.pieces() == {bread.sku: 2}, "the basket is kept"


def test_the_last_pieces_gone_between_page_and_press(shopper, bread, slot, loaves):
    shopper.fill(bread, slot, 6)
    rival = Shopper()
    rival.fill(bread, slot, 6)
    assert rival.post(CHECKOUT).status_code == 303
    before = everything()
    page = shopper.post(CHECKOUT)
    assert page.status_code == 409
    assert "<title>Error: " in words(page)
    assert "4" in text(page), "how many are left"
    assert everything() == before
    assert shopper.pieces() == {bread.sku: 6}, "never cut"


def test_a_hold_that_ran_out_is_explained_and_taken_anew(shopper, bread, slot, loaves):
    shopper.fill(bread, slot, 2)
    shopper.post(CHECKOUT)
    expire_holds()
    page = shopper.get(CONTACT_PAGE)
    assert page.status_code == 200
    assert "The time we kept this for you is over." in text(page)
    assert shopper.post(CONTACT_PAGE, CONTACT).status_code == 303
    assert taken(loaves, slot.capacity) == [2, 1]
    assert "is over" not in text(shopper.get(ORDER_PAGE))


def test_ordering_after_the_hold_ran_out_still_works_while_there_is_some(
    shopper, bread, slot, loaves
):
    shopper.fill(bread, slot, 2)
    last = shopper.reach_last_screen()
    expire_holds()
    assert shopper.order(last).status_code == 303
    assert Order.objects.count() == 1
    assert taken(loaves, slot.capacity) == [2, 1]


def test_ordering_after_the_hold_ran_out_and_a_rival_was_faster(
    shopper, bread, slot, loaves
):
    shopper.fill(bread, slot, 6)
    last = shopper.reach_last_screen()
    expire_holds()
    rival = Shopper()
    rival.fill(bread, slot, 6)
    assert rival.order(rival.reach_last_screen()).status_code == 303
    page = shopper.order(last)
    assert page.status_code == 409
    assert Order.objects.count() == 1
    assert shopper.pieces() == {bread.sku: 6}


def test_going_on_extends_a_hold_that_is_short(shopper, bread, slot):
    shopper.fill(bread, slot)
    shopper.post(CHECKOUT)
    soon = timezone.now() + dt.timedelta(minutes=2)
    Hold.objects.update(expires_at=soon)
    shopper.post(CONTACT_PAGE, CONTACT)
    hold = Hold.objects.get()
    assert hold.extensions == 1
    assert hold.expires_at > soon + dt.timedelta(minutes=7)


def test_a_price_that_rose_asks_again(shopper, bread, slot):
    shopper.fill(bread, slot, 2)
    last = shopper.reach_last_screen()
    Variant.objects.filter(pk=bread.pk).update(price_cents=450)
    before = everything()
    page = shopper.order(last)
    assert page.status_code == 409
    said = text(page)
    assert "The total has risen from €8.70 to €9.00 since you saw it." in said
    assert "Order and pay €9.00 at pick-up" in said
    assert everything() == before
    assert shopper.order(page).status_code == 303
    assert Order.objects.get().total_cents == 900


def test_a_forged_total_pays_the_real_price(shopper, bread, slot):
    shopper.fill(bread, slot, 2)
    last = shopper.reach_last_screen()
    assert shopper.order(last, seen_total="1").status_code == 409
    assert Order.objects.count() == 0
    shopper.order(last, seen_total="999999")
    assert Order.objects.get().total_cents == 870


def test_past_the_cut_off_a_live_hold_may_still_order(shopper, bread, slot):
    shopper.fill(bread, slot)
    last = shopper.reach_last_screen()
    close_orders(slot)
    assert shopper.order(last).status_code == 303


def test_past_the_cut_off_there_is_a_sentence_and_the_next_day(shopper, bread, slot):
    later = make.make_slot(bake_day=make.make_bake_day(date=make.day_from_today(5)))
    shopper.fill(bread, slot)
    close_orders(slot)
    before = everything()
    page = shopper.post(CHECKOUT)
    assert page.status_code == 409
    said = text(page)
    day = slot.bake_day.date
    assert f"Orders for {day:%a} {day.day} {day:%b} closed on" in said
    next_day = later.bake_day.date
    assert f"is {next_day:%a} {next_day.day} {next_day:%b}" in said
    assert everything() == before


def test_one_network_cannot_keep_the_whole_shop(bread, slot):
    answers = []
    for _ in range(6):
        shopper = Shopper(REMOTE_ADDR="198.51.100.7")
        shopper.fill(bread, slot)
        answers.append(shopper.post(CHECKOUT))
    assert [each.status_code for each in answers] == [303] * 5 + [429]
    assert answers[-1]["Retry-After"] == "300"
    assert Hold.objects.count() == 5


# --- twice -------------------------------------------------------------------------


def test_pressing_twice_is_one_order_and_its_page(shopper, bread, slot, loaves):
    shopper.fill(bread, slot, 2)
    last = shopper.reach_last_screen()
    before = dict(shopper.cookies.items())
    first = shopper.order(last)
    shopper.cookies.clear()
    shopper.cookies.load({name: each.value for name, each in before.items()})
    second = shopper.order(last)
    assert first["Location"] == second["Location"]
    assert Order.objects.count() == 1
    assert taken(loaves, slot.capacity) == [2, 1]


def test_a_press_in_a_second_tab_after_the_order_leads_to_the_order(
    shopper, bread, slot
):
    shopper.fill(bread, slot)
    last = shopper.reach_last_screen()
    first = shopper.order(last)
    assert shopper.order(last)["Location"] == first["Location"]
    assert Order.objects.count() == 1


def test_going_back_or_reloading_after_the_order_leads_to_the_order(
    shopper, bread, slot
):
    shopper.fill(bread, slot)
    ordered = shopper.order(shopper.reach_last_screen())
    for path in (CONTACT_PAGE, ORDER_PAGE):
        assert shopper.get(path)["Location"] == ordered["Location"]
    assert shopper.post(CHECKOUT)["Location"] == ordered["Location"]


def test_after_the_order_the_basket_is_a_new_one(shopper, bread, slot):
    shopper.fill(bread, slot)
    before = shopper.token
    shopper.order(shopper.reach_last_screen())
    assert shopper.token != before
    assert shopper.pieces() == {}
    assert shopper.cookies[BADGE].value == "0.0.0"
    assert shopper.cookies[settings.BASKET_COOKIE_NAME]["httponly"]


def test_a_second_order_can_follow(shopper, bread, slot):
    for _ in range(2):
        shopper.fill(bread, slot)
        assert shopper.order(shopper.reach_last_screen()).status_code == 303
    assert Order.objects.count() == 2


def test_a_basket_changed_in_another_tab_is_shown_before_it_is_ordered(
    shopper, bread, slot, loaves
):
    shopper.fill(bread, slot)
    last = shopper.reach_last_screen()
    shopper.set(bread.sku, 3)
    page = shopper.order(last)
    assert page.status_code == 409
    assert "3 × Milk bread" in text(page)
    assert Order.objects.count() == 0
    assert shopper.order(page).status_code == 303
    assert taken(loaves, slot.capacity) == [3, 1]


def test_a_page_made_for_another_basket_orders_nothing(shopper, bread, slot):
    other = Shopper()
    other.fill(bread, slot)
    page_of_other = other.reach_last_screen()
    shopper.fill(bread, slot)
    before = everything()
    page = shopper.order(page_of_other)
    assert page.status_code == 409
    assert everything() == before


@pytest.mark.parametrize("field", ["version", "seen_total", "basket"])
@pytest.mark.parametrize("nonsense", ["", "-1", "x", "9" * 40, "1.5", "٣"])
def test_nonsense_in_hidden_fields_orders_nothing(
    shopper, bread, slot, field, nonsense
):
    shopper.fill(bread, slot)
    last = shopper.reach_last_screen()
    before = everything()
    page = shopper.order(last, **{field: nonsense})
    assert page.status_code == 409
    assert everything() == before


def test_a_product_that_vanished_in_checkout_leads_to_the_basket(shopper, bread, slot):
    shopper.fill(bread, slot)
    last = shopper.reach_last_screen()
    bread.product.is_listed = False
    bread.product.save()
    page = shopper.order(last)
    assert page.status_code == 409
    assert "Milk bread" in text(page)
    assert Order.objects.count() == 0
    for path in (CONTACT_PAGE, ORDER_PAGE):
        assert shopper.get(path)["Location"] == "/basket/"


def test_a_broken_contact_in_the_last_press_asks_again(shopper, bread, slot):
    shopper.fill(bread, slot)
    last = shopper.reach_last_screen()
    page = shopper.order(last, email="nobody")
    assert page.status_code == 422
    assert "Enter an e-mail address like name@example.com." in text(page)
    assert Order.objects.count() == 0
