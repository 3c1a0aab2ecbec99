"""From the basket to the order in two screens, and whoever presses twice."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from basket.badge import COOKIE_NAME as BADGE
from shop.models import BakeDay, Capacity, Draw, Hold, Order, Variant
from tests.shop import make
from tests.shop.baskets import everything, taken
from tests.shop.shopper import CONTACT, Shopper, hidden_fields, text, words

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
    variant = product.variants.get()
    variant.label = {
        "allergens": ["gluten.wheat", "milk"],
        "ingredients": "flour, milk",
    }
    variant.save()
    return variant


@pytest.fixture
def loaves(bread):
    return bread.product.capacities.get()


def close_orders(slot):
    BakeDay.objects.filter(pk=slot.bake_day_id).update(
        cut_off=timezone.now() - dt.timedelta(minutes=1)
    )


def expire_holds():
    Hold.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))


def visible_fields(page) -> list[str]:
    """Names of the fields a shopper sees and fills in."""
    inputs = re.findall(r"<(?:input|textarea|select)[^>]*>", words(page))
    return [
        re.search(r'name="([^"]+)"', each)[1]
        for each in inputs
        if 'type="hidden"' not in each
    ]


def test_the_story_from_basket_to_order(shopper, bread, slot, loaves):
    shopper.fill(bread, slot, 2)
    last = shopper.reach_last_screen()
    said = text(last)
    assert "Order and pay €8.70 at pick-up" in said
    assert "Contains gluten (wheat), milk" in said
    assert "8:00–8:30" in said
    assert "Mrs Ssoni" in said
    answer = shopper.order(last)
    order = Order.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/order/{order.secret}/")
    assert (order.name, order.email) == ("Mrs Ssoni", "ssoni@example.com")
    assert (order.phone, order.note) == ("+353 1 555 0100", "My son comes")
    assert (order.total_cents, order.slot) == (870, slot)
    assert taken(loaves, slot.capacity) == [2, 1]
    assert order.code in text(shopper.get(answer["Location"]))


def test_at_most_six_fields_on_both_screens(shopper, bread, slot):
    shopper.fill(bread, slot)
    shopper.post(CHECKOUT)
    first = visible_fields(shopper.get(CONTACT_PAGE))
    last = visible_fields(shopper.reach_last_screen())
    assert first == ["name", "email", "phone", "note"]
    assert last == []


def test_fields_tell_the_browser_what_they_are(shopper, bread, slot):
    shopper.fill(bread, slot)
    shopper.post(CHECKOUT)
    page = words(shopper.get(CONTACT_PAGE))
    for token in ("name", "email", "tel"):
        assert f'autocomplete="{token}"' in page
    for keyboard in ("email", "tel"):
        assert f'inputmode="{keyboard}"' in page


def test_entering_checkout_keeps_pieces_and_place_for_a_stated_time(
    shopper, bread, slot, loaves
):
    shopper.fill(bread, slot, 2)
    assert taken(loaves, slot.capacity) == [0, 0], "a basket alone keeps nothing"
    answer = shopper.post(CHECKOUT, REMOTE_ADDR="203.0.113.77")
    assert (answer.status_code, answer["Location"]) == (303, CONTACT_PAGE)
    assert taken(loaves, slot.capacity) == [2, 1]
    hold = Hold.objects.get()
    assert (hold.network, hold.basket_token) == ("203.0.113.0/24", shopper.token)
    until = timezone.localtime(hold.expires_at)
    said = text(shopper.get(CONTACT_PAGE))
    assert f"until {until.hour}:{until.minute:02}" in said
    assert "10 minutes" in said


def test_the_summary_is_on_both_screens(shopper, bread, slot):
    shopper.fill(bread, slot, 2)
    shopper.post(CHECKOUT)
    for page in (shopper.get(CONTACT_PAGE), shopper.reach_last_screen()):
        said = text(page)
        assert "2 × Milk bread" in said
        assert "Total, VAT included €8.70" in said
        assert "Contains gluten (wheat), milk" in said


def test_checkout_pages_are_private(shopper, bread, slot):
    shopper.fill(bread, slot)
    last = shopper.reach_last_screen()
    for page in (shopper.get(CONTACT_PAGE), last):
        assert "private" in page["Cache-Control"]
        assert "no-store" in page["Cache-Control"]


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("name", "  ", "Enter your name, so that we can write it on your bag."),
        ("name", "x" * 121, "Enter a name of at most 120 letters."),
        ("email", "", "Enter your e-mail address, so that we can confirm the order."),
        ("email", "ssoni", "Enter an e-mail address like name@example.com."),
        ("phone", "call me", "Enter a phone number like +353 1 555 0100."),
        ("note", "x" * 301, "Keep the note to 300 letters."),
    ],
)
def test_mistakes_in_the_contact_are_told_twice_and_keep_what_was_typed(
    shopper, bread, slot, field, typed, sentence
):
    shopper.fill(bread, slot)
    shopper.post(CHECKOUT)
    before = everything()
    page = shopper.post(CONTACT_PAGE, CONTACT | {field: typed})
    assert page.status_code == 422
    html = words(page)
    assert "<title>Error: " in html
    assert text(page).count(sentence) == 2, "in the summary and beside the field"
    assert f'href="#id_{field}"' in html
    assert 'aria-invalid="true"' in html
    assert "ssoni@example.com" in html or field == "email"
    assert typed.strip() in html
    assert everything() == before


def test_a_name_with_a_line_break_becomes_one_line(shopper, bread, slot):
    shopper.fill(bread, slot)
    last = shopper.reach_last_screen(name="Mrs\r\nBcc: evil@example.com")
    shopper.order(last)
    assert Order.objects.get().name == "Mrs Bcc: evil@example.com"


def test_the_first_screen_remembers_what_was_typed(shopper, bread, slot):
    shopper.fill(bread, slot)
    shopper.reach_last_screen()
    assert 'value="ssoni@example.com"' in words(shopper.get(CONTACT_PAGE))


def test_the_last_screen_without_the_first_leads_back_to_it(shopper, bread, slot):
    shopper.fill(bread, slot)
    shopper.post(CHECKOUT)
    answer = shopper.get(ORDER_PAGE)
    assert (answer.status_code, answer["Location"]) == (303, CONTACT_PAGE)


def test_checkout_with_no_time_asks_for_the_time(shopper, bread, slot):
    shopper.add(bread)
    before = everything()
    page = shopper.post(CHECKOUT)
    assert page.status_code == 409
    assert "Please choose a pick-up time." in text(page)
    assert "8:00–8:30" in text(page)
    assert everything() == before


def test_checkout_with_an_empty_basket_says_so(shopper):
    page = shopper.post(CHECKOUT)
    assert page.status_code == 409
    assert "There is nothing in your basket" in text(page)
    assert Hold.objects.count() == 0


def test_the_screens_of_an_empty_basket_lead_to_the_basket(shopper):
    for path in (CONTACT_PAGE, ORDER_PAGE):
        answer = shopper.get(path)
        assert (answer.status_code, answer["Location"]) == (303, "/basket/")


# --- rivals ------------------------------------------------------------------------


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


# --- queries -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "queries"), [(CONTACT_PAGE, 10), (ORDER_PAGE, 10)], ids=["contact", "order"]
)
@pytest.mark.parametrize("lines", [1, 6])
def test_the_queries_do_not_grow_with_the_lines(
    shopper, slot, django_assert_num_queries, path, queries, lines
):
    for _ in range(lines):
        shopper.add(make.make_variant())
    shopper.choose(slot)
    shopper.reach_last_screen()
    with django_assert_num_queries(queries):
        assert shopper.get(path).status_code == 200


def test_the_queries_of_ordering_do_not_grow_with_the_lines(slot):
    counts = []
    for lines in (1, 6):
        shopper = Shopper()
        for _ in range(lines):
            shopper.add(make.make_variant())
        shopper.choose(slot)
        last = shopper.reach_last_screen()
        with CaptureQueriesContext(connection) as queries:
            assert shopper.order(last).status_code == 303
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_hidden_field_never_holds_the_basket_token(shopper, bread, slot):
    shopper.fill(bread, slot)
    last = shopper.reach_last_screen()
    assert shopper.token not in words(last)
    assert len(hidden_fields(last)["basket"]) == 32
    assert Draw.objects.count() == Capacity.objects.filter(taken__gte=1).count()
