"""What a customer must not eat: kept, told to script, warned of on own pages."""

from __future__ import annotations

import pytest
from django.test import override_settings
from django.urls import reverse

from shop.allergies import (
    COOKIE_NAME,
    AllergyWarning,
    cookie_value,
    known,
    warning_of,
    watched,
)
from shop.models import BakeDay, Option, OptionGroup
from tests.shop import make
from tests.shop.account.people import make_account, past_order, visitor
from tests.shop.shopper import Shopper, text, words
from tests.shop.storefront import make_bread, open_shop

PAGE = "/account/allergies/"
database = pytest.mark.django_db


# --- the rules ---------------------------------------------------------------------


def test_codes_are_kept_once_in_order_and_only_those_that_exist():
    assert known(["milk", "eggs", "milk", "chalk", "gluten.rye"]) == [
        "gluten.rye",
        "eggs",
        "milk",
    ]


def test_a_family_is_all_of_its_members():
    assert known(["nuts"]) == [
        f"nuts.{nut}"
        for nut in (
            *("almond", "hazelnut", "walnut", "cashew"),
            *("pecan", "brazil", "pistachio", "macadamia"),
        )
    ]
    assert len(known(["gluten", "gluten.rye"])) == 6


def test_who_avoids_wheat_is_warned_of_spelt_and_kamut():
    assert watched(["gluten.wheat"]) == ["gluten.wheat", "gluten.spelt", "gluten.kamut"]
    assert watched(["gluten.spelt"]) == ["gluten.spelt"]
    found = warning_of(["gluten.spelt"], [], ["gluten.wheat"])
    assert found.sentence == "Contains gluten (spelt)."


def test_what_is_in_it_is_not_told_again_as_a_trace():
    found = warning_of(["milk"], ["milk", "sesame", "eggs"], ["milk", "sesame"], "Bun")
    assert found == AllergyWarning(("milk",), ("sesame",), "Bun")
    assert found.sentence == "Contains milk. May contain traces of sesame."
    assert found.is_certain


def test_nothing_to_avoid_is_no_warning():
    assert warning_of(["milk"], ["eggs"], ["fish"]) is None
    assert warning_of(["milk"], ["eggs"], []) is None


def test_a_warning_somebody_wrote_by_hand_counts_too():
    assert warning_of(["chalk"], [], ["chalk"]).contains == ("chalk",)


def test_the_cookie_names_what_to_look_for():
    assert cookie_value(["milk", "eggs"]) == "eggs+milk"
    assert cookie_value([]) == "none"


# --- keeping -----------------------------------------------------------------------


@pytest.fixture
def customer(db):
    return make_account()


@pytest.fixture
def mina(customer):
    return visitor(customer)


def test_what_was_ticked_is_kept_told_and_shown(mina, customer):
    answer = mina.post(PAGE, {"allergies": ["milk", "nuts"]})
    assert (answer.status_code, answer["Location"]) == (303, "/account/")
    customer.refresh_from_db()
    assert customer.allergies[:2] == ["milk", "nuts.almond"]
    assert len(customer.allergies) == 9
    assert "We warn you of milk, nuts (almond" in text(mina.get("/account/"))
    page = words(mina.get(PAGE))
    assert 'value="nuts" checked' in page
    assert 'value="nuts.pecan" checked' in page
    assert 'value="eggs">' in page


def test_taking_all_out_keeps_nothing(mina, customer):
    mina.post(PAGE, {"allergies": ["milk"]})
    mina.post(PAGE, {})
    customer.refresh_from_db()
    assert customer.allergies == []
    assert mina.cookies[COOKIE_NAME].value == "none"


@pytest.mark.parametrize("code", ["chalk", "", "<b>", "milk\x00", "x" * 9000])
def test_what_is_no_allergen_is_refused_and_the_ticks_stay(mina, customer, code):
    page = mina.post(PAGE, {"allergies": ["milk", code]})
    assert page.status_code == 422
    assert "One of these is no allergen we know." in text(page)
    assert 'value="milk" checked' in words(page)
    customer.refresh_from_db()
    assert customer.allergies == []


# --- the cookie --------------------------------------------------------------------


def test_script_may_read_the_cookie_and_other_sites_do_not_get_it(mina):
    mina.post(PAGE, {"allergies": ["milk"]})
    cookie = mina.cookies[COOKIE_NAME]
    assert cookie.value == "milk"
    assert (cookie["httponly"], cookie["samesite"]) == ("", "Lax")
    assert not cookie["secure"]


@override_settings(HTTPS=True)
def test_over_https_the_cookie_goes_nowhere_else(mina):
    mina.post(PAGE, {"allergies": ["milk"]})
    assert mina.cookies[COOKIE_NAME]["secure"]


def test_another_browser_learns_it_with_its_first_own_page(customer):
    customer.allergies = ["milk"]
    customer.save()
    phone = visitor(customer)
    phone.get("/basket/")
    assert phone.cookies[COOKIE_NAME].value == "milk"
    customer.allergies = ["eggs"]
    customer.save()
    phone.get("/basket/")
    assert phone.cookies[COOKIE_NAME].value == "eggs"


def test_log_out_takes_it_away(mina):
    mina.post(PAGE, {"allergies": ["milk"]})
    answer = mina.post(reverse("account_logout"))
    assert answer.cookies[COOKIE_NAME].value == ""
    assert answer.cookies[COOKIE_NAME]["max-age"] == 0


def test_a_session_that_has_ended_takes_it_away_too(mina, customer):
    mina.post(PAGE, {"allergies": ["milk"]})
    mina.session.flush()
    mina.get("/basket/")
    assert mina.cookies[COOKIE_NAME].value == ""


@database
def test_a_guest_has_none():
    guest = Shopper()
    guest.get("/basket/")
    assert COOKIE_NAME not in guest.cookies


# --- warnings ----------------------------------------------------------------------


@pytest.fixture
def bread(customer):
    open_shop()
    return make_bread().variants.get()


def test_the_product_page_is_the_same_for_everybody(mina, bread):
    mina.post(PAGE, {"allergies": ["milk"]})
    own = mina.get(bread.product.get_absolute_url())
    guest = Shopper().get(bread.product.get_absolute_url())
    assert own.content == guest.content
    assert COOKIE_NAME not in own.cookies
    assert "public" in own["Cache-Control"]


def test_the_product_page_tells_script_what_is_in_it(mina, bread):
    page = words(mina.get(bread.product.get_absolute_url()))
    assert 'data-allergens="gluten.wheat=wheat|milk=milk"' in page
    assert 'data-traces="sesame=sesame" hidden' in page


def test_an_option_that_brings_an_allergen_tells_script(mina, bread):
    group = OptionGroup.objects.create(name="Topping", slug="topping")
    group.products.add(bread.product)
    Option.objects.create(
        group=group, slug="nut", name="Nuts", extra_allergens=["nuts.walnut"]
    )
    page = words(mina.get(bread.product.get_absolute_url()))
    assert '<label data-allergens="nuts.walnut=walnut">' in page


def test_the_basket_warns_of_what_is_in_a_line(mina, bread):
    mina.post(PAGE, {"allergies": ["milk", "sesame"]})
    mina.add(bread)
    said = text(mina.get("/basket/"))
    assert "Mind your allergies. Contains milk. May contain traces of sesame." in said


def test_the_basket_warns_of_an_option_and_of_a_piece_in_a_box(mina, bread):
    nutty = make.make_variant(label={"allergens": ["nuts.almond"]})
    box = OptionGroup.objects.create(
        name="Pieces", slug="pieces", kind=OptionGroup.Kind.VARIANTS, max_choices=2
    )
    box.products.add(bread.product)
    Option.objects.create(group=box, slug="nutty", name="Nutty", variant=nutty)
    topping = OptionGroup.objects.create(name="Topping", slug="topping")
    topping.products.add(bread.product)
    Option.objects.create(
        group=topping, slug="egg", name="Egg", extra_allergens=["eggs"]
    )
    mina.post(PAGE, {"allergies": ["nuts", "eggs"]})
    mina.add(bread, **{"option-pieces": "nutty", "option-topping": "egg"})
    assert "Contains eggs and nuts (almond)." in text(mina.get("/basket/"))


def test_the_basket_of_a_guest_warns_of_nothing(bread):
    guest = Shopper()
    guest.cookies[COOKIE_NAME] = "milk"
    guest.add(bread)
    assert "Mind your allergies" not in text(guest.get("/basket/"))


def test_the_script_s_part_of_the_basket_warns_too(mina, bread):
    mina.post(PAGE, {"allergies": ["milk"]})
    mina.add(bread)
    headers = {"X-Fragment": "set"}
    data = {"item": bread.sku, "quantity": 2}
    assert "Mind your allergies" in words(mina.press("/basket/line/", data, **headers))


def test_both_screens_of_checkout_warn(mina, bread):
    mina.post(PAGE, {"allergies": ["milk"]})
    mina.fill(bread, make.make_slot(bake_day=_far_day()))
    last = mina.reach_last_screen()
    first = mina.get(reverse("shop:checkout_contact"))
    for page in (first, last):
        assert "Mind your allergies. Milk bread: Contains milk." in text(page)


def test_the_orders_of_the_account_warn(mina, customer, bread):
    order = past_order(customer, {bread: 1})
    order.lines.update(allergens=["milk", "eggs"])
    assert "Contains milk" not in text(mina.get("/account/orders/"))
    mina.post(PAGE, {"allergies": ["milk"]})
    for path in ("/account/", "/account/orders/"):
        assert "Contains milk." in text(mina.get(path))


def _far_day():
    return BakeDay.objects.order_by("date").last()
