"""The account's own pages, as a browser without script sees them."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from shop.models import Customer, Order, User
from tests.shop import make
from tests.shop.account.people import PASSWORD, make_account, past_order, visitor
from tests.shop.shopper import Shopper, text, words

pytestmark = pytest.mark.django_db

NAMES = ("overview", "orders", "details", "allergies", "data", "erasure")


def url(name: str, *args) -> str:
    return reverse(f"account_pages:{name}", args=args)


@pytest.fixture
def customer():
    return make_account(phone="+353 1 555 0100")


@pytest.fixture
def mina(customer):
    return visitor(customer)


@pytest.mark.parametrize("name", [*NAMES, "data_copy"])
def test_who_is_not_logged_in_is_asked_to_and_comes_back(name):
    answer = Shopper().get(url(name))
    assert answer.status_code == 302
    assert answer["Location"] == f"{reverse('account_login')}?next={url(name)}"


def test_a_press_by_who_is_no_longer_logged_in_goes_on_at_the_overview():
    answer = Shopper().post(url("details"), {"name": "Mina"})
    assert answer["Location"].endswith(f"?next={url('overview')}")


@pytest.mark.parametrize("name", [*NAMES, "erased"])
def test_no_cache_keeps_them_and_no_search_engine_lists_them(mina, name):
    page = mina.get(url(name))
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    assert "private" in page["Cache-Control"]
    assert '<meta name="robots" content="noindex">' in words(page)


def test_who_has_not_proved_the_address_takes_over_nobody():
    guest = make.make_customer(email="mina@example.com", phone="zz1zz")
    shopper = visitor(make.make_user(email="mina@example.com"))
    answer = shopper.get(url("overview"))
    assert (answer.status_code, answer["Location"]) == (302, reverse("account_email"))
    guest.refresh_from_db()
    assert guest.user is None


def test_a_new_account_without_orders_is_no_dead_end(mina):
    said = text(mina.get(url("overview")))
    assert "Good to see you, Mina Ssoni" in said
    assert "No order yet" in said


def test_the_overview_tells_what_is_to_be_picked_up_and_what_there_was(mina, customer):
    order = make.make_order(customer=customer, email=customer.email)
    past = past_order(customer)
    past_order(make_account(), code="FOREIG")
    said = text(mina.get(url("overview")))
    assert said.index("To pick up") < said.index(order.code)
    assert said.index("The same again?") < said.index(past.code)
    assert "FOREIG" not in said


def test_the_queries_do_not_grow_with_the_orders(
    mina, customer, django_assert_max_num_queries
):
    for _ in range(6):
        past_order(customer)
    for name in ("overview", "orders"):
        mina.get(url(name))
        with django_assert_max_num_queries(20):
            assert mina.get(url(name)).status_code == 200


@pytest.mark.parametrize("page", ["", "1", "2", "99", "-1", "x", "%00"])
def test_twenty_orders_to_a_page_and_any_number_leads_to_one(mina, customer, page):
    variant = make.make_variant()
    for _ in range(21):
        past_order(customer, {variant: 1})
    answer = mina.get(f"{url('orders')}?page={page}")
    assert answer.status_code == 200
    shown = words(answer).count("Order again")
    assert shown == (1 if page in {"2", "99", "-1"} else 20)


# --- details -----------------------------------------------------------------------


def test_details_are_kept_and_fill_in_the_checkout(mina, customer):
    answer = mina.post(url("details"), {"name": " Mina  S. ", "phone": "01 555 0101"})
    assert (answer.status_code, answer["Location"]) == (303, url("overview"))
    assert "Your details are saved." in text(mina.get(url("overview")))
    customer.refresh_from_db()
    assert (customer.name, customer.phone) == ("Mina S.", "01 555 0101")
    assert User.objects.get(pk=customer.user_id).name == "Mina S."
    mina.fill(make.make_variant(), make.make_slot())
    mina.post(reverse("shop:checkout"))
    page = words(mina.get(reverse("shop:checkout_contact")))
    for value in ("Mina S.", "01 555 0101", customer.email):
        assert f'value="{value}"' in page


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "Enter your name"),
        ("name", "x" * 121, "at most 120"),
        ("name", "Mi\x00na", "Null characters"),
        ("phone", "call me", "Enter a phone number like"),
        ("phone", "1" * 41, "at most 40"),
    ],
)
def test_wrong_details_are_explained_and_kept_as_typed(
    mina, customer, field, value, sentence
):
    facts = {"name": "New", "phone": "01 555 0101"} | {field: value}
    page = mina.post(url("details"), facts)
    assert page.status_code == 422
    assert "There is a problem" in text(page)
    assert sentence in text(page)
    customer.refresh_from_db()
    assert (customer.name, customer.phone) == ("Mina Ssoni", "+353 1 555 0100")


def test_the_usual_counter_is_offered_where_there_are_several(mina, customer):
    here = make.make_place(name="Here")
    assert "usual_place" not in words(mina.get(url("details")))
    there = make.make_place(name="There")
    facts = {"name": "Mina", "usual_place": there.pk}
    assert mina.post(url("details"), facts).status_code == 303
    day = make.make_bake_day()
    make.make_slot(bake_day=day, place=here)
    slot = make.make_slot(bake_day=day, place=there)
    mina.add(make.make_variant())
    page = words(mina.get(f"{reverse('shop:pick_up')}?day={day.date}"))
    assert f'value="{slot.pk}" checked' in page
    assert mina.post(url("details"), facts | {"usual_place": "99"}).status_code == 422


def test_an_order_from_an_account_is_its_own_whatever_address_it_names(mina, customer):
    mina.fill(make.make_variant(), make.make_slot())
    mina.order(mina.reach_last_screen(email="mother@example.com"))
    order = Order.objects.get()
    assert (order.customer, order.email) == (customer, "mother@example.com")
    assert Customer.objects.count() == 1


# --- data --------------------------------------------------------------------------


def test_the_copy_is_a_file(mina, customer):
    past_order(customer, note="with seeds")
    answer = mina.post(url("data_copy"))
    assert answer["Content-Type"] == "application/json"
    assert answer["Content-Disposition"].startswith('attachment; filename="my-data-')
    assert "no-store" in answer["Cache-Control"]
    record = json.loads(answer.content)
    assert record["account"]["email"] == customer.email
    assert record["orders"][0]["note"] == "with seeds"


def test_who_asks_for_copies_again_and_again_has_to_wait(mina):
    answers = [mina.post(url("data_copy")).status_code for _ in range(12)]
    assert answers == [200] * 10 + [429] * 2


def test_erasing_takes_password_and_word_and_is_final(mina, customer):
    order = past_order(customer)
    mina.get("/basket/")
    page = mina.post(url("erasure"), {"password": PASSWORD, "word": "Erase "})
    assert (page.status_code, page["Location"]) == (303, url("erased"))
    assert "It is done" in text(mina.get(url("erased")))
    assert mina.get(url("overview")).status_code == 302
    assert not User.objects.filter(pk=customer.user_id).exists()
    order.refresh_from_db()
    assert (order.name, order.email, order.customer) == ("", "", None)


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"password": "wrong", "word": "erase"}, "This is not your password."),
        ({"password": PASSWORD, "word": "yes"}, "Write the word “erase”"),
        ({}, "Enter your password"),
    ],
)
def test_without_both_nothing_is_erased(mina, customer, facts, sentence):
    page = mina.post(url("erasure"), facts)
    assert page.status_code == 422
    assert sentence in text(page)
    assert PASSWORD not in words(page)
    assert User.objects.filter(pk=customer.user_id).exists()
    assert mina.get(url("overview")).status_code == 200


def test_who_has_no_password_writes_the_word(customer):
    customer.user.set_unusable_password()
    customer.user.save()
    mina = visitor(customer)
    assert "password" not in words(mina.get(url("erasure"))).lower().split("<main")[1]
    assert mina.post(url("erasure"), {"word": "erase"}).status_code == 303
    assert not User.objects.exists()


def test_guessing_the_password_here_is_limited(mina):
    facts = {"password": "wrong", "word": "erase"}
    answers = [mina.post(url("erasure"), facts).status_code for _ in range(12)]
    assert answers == [422] * 10 + [429] * 2


def test_bread_in_the_oven_is_picked_up_first(mina, customer):
    order = make.make_order(customer=customer, email=customer.email)
    facts = {"password": PASSWORD, "word": "erase"}
    for page in (mina.get(url("erasure")), mina.post(url("erasure"), facts)):
        assert order.get_absolute_url() in words(page)
        assert "Erase it for good" not in words(page)
    assert page.status_code == 409
    assert User.objects.filter(pk=customer.user_id).exists()


def test_the_other_devices_are_logged_out_too(mina, customer):
    phone = visitor(customer)
    assert phone.get(url("overview")).status_code == 200
    mina.post(url("erasure"), {"password": PASSWORD, "word": "erase"})
    assert phone.get(url("overview")).status_code == 302
