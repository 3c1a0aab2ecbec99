"""Bad input: the right status, a sentence, what was typed, and nothing changed."""

from __future__ import annotations

import pytest
from django.conf import settings

from basket import tokens
from shop.models import OptionGroup, Order, Product
from tests.shop import make
from tests.shop.baskets import everything
from tests.shop.shopper import Shopper, text, words

pytestmark = pytest.mark.django_db

LINES = "/basket/lines/"
LINE = "/basket/line/"
PICK_UP = "/basket/pick-up/"
NONSENSE = [
    "-1",
    "-999999",
    "0",
    "abc",
    "",
    "2.5",
    "1e3",
    "9" * 40,
    "٣",
    "½",
    "\x00",
    "21",
]


@pytest.fixture
def shopper():
    return Shopper()


@pytest.fixture
def slot():
    return make.make_slot()


@pytest.fixture
def bread(slot):
    return make.make_product(name="Milk bread", price_cents=450).variants.get()


# --- quantities --------------------------------------------------------------------


@pytest.mark.parametrize("typed", NONSENSE)
def test_adding_a_quantity_that_cannot_be(shopper, bread, typed):
    before = everything()
    page = shopper.add(bread, typed)
    assert page.status_code == 422
    html = words(page)
    assert "<title>Error: " in html
    assert 'role="alert"' in html
    assert 'href="#id-quantity"' in html
    assert 'aria-invalid="true"' in html
    if "\x00" not in typed:
        assert f'name="quantity" value="{typed}"' in html
    assert everything() == before


@pytest.mark.parametrize("typed", [each for each in NONSENSE if each != "0"])
def test_setting_a_quantity_that_cannot_be(shopper, bread, typed):
    shopper.add(bread, 2)
    before = everything()
    page = shopper.set(bread.sku, typed)
    assert page.status_code == 422
    html = words(page)
    assert "<title>Error: " in html
    assert 'role="alert"' in html
    assert 'aria-invalid="true"' in html
    if "\x00" not in typed:
        assert f'value="{typed}" aria-label="Pieces of Milk bread"' in html
    assert everything() == before
    assert shopper.pieces() == {bread.sku: 2}


def test_the_script_gets_the_kept_quantity_back_with_the_sentence(shopper, bread):
    shopper.add(bread, 2)
    page = shopper.press(
        LINE, {"item": bread.sku, "quantity": "-3"}, **{"X-Fragment": "set"}
    )
    assert page.status_code == 422
    assert 'value="2" aria-label="Pieces of Milk bread"' in words(page)
    assert "There are still 2 in your basket." in text(page)


def test_a_mended_quantity_can_be_sent_from_the_page_that_refused_it(shopper, bread):
    group = OptionGroup.objects.create(
        name="Message", slug="msg", kind="text", max_length=20
    )
    group.products.add(bread.product)
    page = shopper.add(bread, "many", **{"option-msg": "Happy birthday"})
    html = words(page)
    assert 'value="many"' in html
    assert 'value="Happy birthday"' in html
    assert f'name="sku" value="{bread.sku}"' in html


def test_more_than_fit_on_a_line_is_refused_and_never_cut(shopper, bread):
    Product.objects.update(max_per_order=99)
    shopper.add(bread, 60)
    before = everything()
    page = shopper.add(bread, 60)
    assert page.status_code == 422
    assert "At most 99 pieces of one thing fit into the basket." in text(page)
    assert everything() == before


# --- things that do not exist ------------------------------------------------------


@pytest.mark.parametrize("sku", ["", "no-such-thing", "x" * 500, "\x00", "'; drop"])
def test_adding_what_is_not_sold(shopper, bread, sku):
    before = everything()
    page = shopper.post(LINES, {"sku": sku, "quantity": "1"})
    assert page.status_code == 422
    assert "We do not sell this any more." in text(page)
    assert everything() == before


def test_adding_what_has_just_vanished(shopper, bread):
    Product.objects.update(is_listed=False)
    before = everything()
    page = shopper.add(bread)
    assert page.status_code == 422
    assert "We do not sell this any more." in text(page)
    assert everything() == before


def test_changing_a_line_that_another_tab_took_out(shopper, bread):
    shopper.add(bread)
    shopper.set(bread.sku, 0)
    before = everything()
    page = shopper.set(bread.sku, 3)
    assert page.status_code == 409
    assert "This is no longer in your basket" in text(page)
    assert everything() == before


@pytest.mark.parametrize("item", ["", "x" * 5000, "\x00", "no-such"])
def test_changing_a_line_that_never_was(shopper, bread, item):
    shopper.add(bread)
    before = everything()
    assert shopper.set(item, 3).status_code == 409
    assert everything() == before


def test_a_forged_option(shopper, bread):
    before = everything()
    page = shopper.add(bread, 1, **{"option-icing": "gold"})
    assert page.status_code == 422
    assert "This cannot be chosen here." in text(page)
    assert everything() == before


def test_a_text_that_is_too_long_stays_typed(shopper, bread):
    group = OptionGroup.objects.create(
        name="Message", slug="msg", kind="text", max_length=5
    )
    group.products.add(bread.product)
    before = everything()
    page = shopper.add(bread, 1, **{"option-msg": "Happy birthday"})
    assert page.status_code == 422
    assert "Message: at most 5 letters, this has 14." in text(page)
    assert 'value="Happy birthday"' in words(page)
    assert everything() == before


def test_a_forged_price_is_not_read(shopper, bread):
    shopper.add(bread, 2, price_cents="1", seen_cents="1", unit_cents="1")
    assert "€9.00 for 2 pieces" in text(shopper.get("/basket/"))


# --- days and slots ----------------------------------------------------------------


@pytest.mark.parametrize("day", ["yesterday", "2026-02-31", "2026-13-01", "\x00", "1"])
def test_adding_for_a_day_that_does_not_exist(shopper, bread, day):
    before = everything()
    page = shopper.add(bread, 1, day=day)
    assert page.status_code == 422
    assert "There is no such pick-up day." in text(page)
    assert everything() == before


@pytest.mark.parametrize("slot_id", ["", "x", "-1", "0", "9" * 30, "1.5", "٣", "\x00"])
def test_choosing_a_time_that_does_not_exist(shopper, bread, slot_id):
    shopper.add(bread)
    before = everything()
    page = shopper.post(PICK_UP, {"slot": slot_id})
    assert page.status_code == 422
    assert "Choose a pick-up time." in text(page)
    assert "<title>Error: " in words(page)
    assert everything() == before


def test_choosing_a_time_that_filled_between_page_and_press(shopper, bread, slot):
    others = [
        make.make_slot(bake_day=slot.bake_day, place=slot.place, starts=time)
        for time in (make.dt.time(9), make.dt.time(11))
    ]
    shopper.add(bread)
    slot.capacity.limit = slot.capacity.taken = 1
    slot.capacity.save()
    before = everything()
    page = shopper.choose(slot)
    assert page.status_code == 409
    assert "8:00–8:30 cannot be had: full." in text(page)
    for other in others:
        assert f'name="slot" value="{other.pk}">' in words(page)
    assert everything() == before


@pytest.mark.parametrize("day", ["", "x", "1999-01-01", "9999-12-31", "2026-02-31"])
def test_moving_to_a_day_that_cannot_be(shopper, bread, day):
    shopper.add(bread)
    before = everything()
    page = shopper.post(PICK_UP, {"move": "1", "day": day})
    assert page.status_code == 422
    assert "We take no orders for that day." in text(page)
    assert everything() == before


@pytest.mark.parametrize("day", ["x", "1999-01-01", "9999-12-31", "%00", "2026-02-31"])
def test_looking_at_a_day_that_cannot_be_shows_the_earliest(shopper, bread, slot, day):
    shopper.add(bread)
    page = shopper.get(f"{PICK_UP}?day={day}")
    assert page.status_code == 200
    assert f'value="{slot.bake_day.date}" checked' in words(page)


# --- cookies and operations --------------------------------------------------------


@pytest.mark.parametrize(
    "value", ["", "x", "a" * 97, "\x01", "0" * 32 + "." + "0" * 64]
)
def test_a_forged_basket_cookie_finds_an_empty_basket(bread, value):
    owner = Shopper()
    owner.add(bread)
    thief = Shopper()
    thief.cookies[settings.BASKET_COOKIE_NAME] = value or owner.token
    page = thief.get("/basket/")
    assert page.status_code == 200
    assert "Your basket is empty" in text(page)


def test_a_token_with_the_proof_of_another_finds_nothing(bread):
    owner = Shopper()
    owner.add(bread)
    proof = tokens.sign(tokens.new_token()).partition(".")[2]
    thief = Shopper()
    thief.cookies[settings.BASKET_COOKIE_NAME] = f"{owner.token}.{proof}"
    assert "Your basket is empty" in text(thief.get("/basket/"))


@pytest.mark.parametrize("value", ["x", "1.2", "-1.-1.-1", "9" * 99, "1.2.3.4"])
def test_a_broken_badge_is_replaced(shopper, bread, value):
    shopper.add(bread)
    shopper.cookies["badge"] = value
    page = shopper.get("/basket/")
    assert page.status_code == 200
    assert page.cookies["badge"].value.endswith(".1.450")


@pytest.mark.parametrize("value", ["x", "e30:1:x", "\x01"])
def test_a_forged_notice_is_not_shown(shopper, value):
    shopper.cookies["told"] = value
    assert "out of your basket" not in text(shopper.get("/basket/"))


@pytest.mark.parametrize("value", ["x", "\x01", "ä", "%00", "y" * 43])
def test_a_forged_last_order_cookie_leads_nowhere(shopper, value):
    make.make_order()
    shopper.cookies["last-order"] = value
    answer = shopper.get("/checkout/order/")
    assert (answer.status_code, answer["Location"]) == (303, "/basket/")
    assert Order.objects.count() == 1


@pytest.mark.parametrize(
    "operation", ["", "short", "x" * 65, "a b c d e f g h", "\x00" * 9]
)
def test_what_is_no_operation_id_is_not_one(shopper, bread, operation):
    assert shopper.add(bread, 1, operation=operation).status_code == 303
    assert shopper.pieces() == {bread.sku: 1}


def test_too_many_fields_are_400(shopper):
    fields = {f"option-{number}": "x" for number in range(1100)}
    assert shopper.post(LINES, fields).status_code == 400
