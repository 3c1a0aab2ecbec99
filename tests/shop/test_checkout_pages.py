"""From the basket to the order in two screens, and whoever presses twice."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shop.models import Capacity, Draw, Hold, Order
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


# --- queries -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "queries"),
    [(CONTACT_PAGE, 3), (ORDER_PAGE, 3)],
    ids=["contact", "order"],
)
@pytest.mark.parametrize("lines", [1, 6])
def test_the_queries_do_not_grow_with_the_lines(
    shopper, slot, django_assert_num_queries, path, queries, lines
):
    for _ in range(lines):
        shopper.add(make.make_variant())
    shopper.choose(slot)
    shopper.reach_last_screen()
    shopper.get(path)
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
