"""What happens to the basket at log-in, in the middle of checkout, and at log-out."""

import pytest
from django.conf import settings
from django.urls import reverse

from basket.backends.base import stores
from shop.accounts.baskets import aside_name, owner_name
from shop.models import Order
from tests.shop.accounts.people import is_logged_in, log_in, make_account
from tests.shop.make import make_slot, make_variant
from tests.shop.shopper import Shopper

pytestmark = pytest.mark.django_db

EMAIL = "ssoni@example.com"
OUT = "/account/auth/logout/"
IN_CHECKOUT = "/checkout/contact/"


@pytest.fixture
def user():
    return make_account(EMAIL)


def in_basket(browser) -> dict[str, int]:
    return {line.item: line.quantity for line in browser.contents().lines}


def notice(browser) -> str:
    """What the basket page says once, without its mark-up."""
    page = browser.get(reverse("shop:basket")).content.decode()
    return page if "data-say" in page else ""


def test_the_basket_comes_along_and_is_there_on_the_next_device(user):
    rye, phone, laptop = make_variant(), Shopper(), Shopper()
    phone.add(rye, 2)
    log_in(phone, EMAIL)
    assert in_basket(phone) == {rye.sku: 2}
    log_in(laptop, EMAIL)
    assert in_basket(laptop) == {rye.sku: 2}
    assert laptop.cookies["badge"].value.split(".")[1] == "2"


def test_two_baskets_become_one_and_a_notice_says_what_was_there(user):
    rye, bun, phone, laptop = make_variant(), make_variant(), Shopper(), Shopper()
    phone.add(rye, 2)
    log_in(phone, EMAIL)
    laptop.add(bun, 1)
    laptop.add(rye, 1)
    log_in(laptop, EMAIL, to="/basket/")
    assert in_basket(laptop) == {rye.sku: 3, bun.sku: 1}
    assert in_basket(phone) == {rye.sku: 3, bun.sku: 1}
    said = notice(laptop)
    assert f"what you put in before: 2 × {rye}." in said
    assert notice(laptop) == ""


def test_logging_in_twice_doubles_nothing(user):
    rye, browser = make_variant(), Shopper()
    browser.add(rye, 2)
    for _ in range(3):
        log_in(browser, EMAIL)
        assert in_basket(browser) == {rye.sku: 2}
        browser.cookies.pop("session")


def test_what_does_not_fit_is_said(user):
    rye, phone, laptop = make_variant(), Shopper(), Shopper()
    store = stores["default"]
    store.add(phone.token, rye.sku, 90, operation="one", details={"sku": rye.sku})
    log_in(phone, EMAIL)
    store.add(laptop.token, rye.sku, 20, operation="one", details={"sku": rye.sku})
    log_in(laptop, EMAIL)
    assert in_basket(laptop) == {rye.sku: 99}
    assert "11 pieces did not fit" in notice(laptop)


# --- in checkout -------------------------------------------------------------------


def test_log_in_inside_checkout_orders_exactly_what_was_on_the_page(user):
    rye, bun, phone, laptop = make_variant(), make_variant(), Shopper(), Shopper()
    phone.add(rye, 2)
    log_in(phone, EMAIL)
    slot = make_slot()
    laptop.fill(bun, slot)
    assert laptop.post(reverse("shop:checkout")).status_code == 303
    answer = log_in(laptop, EMAIL, to=IN_CHECKOUT)
    assert answer.url == IN_CHECKOUT
    assert in_basket(laptop) == {bun.sku: 1}
    page = laptop.get(IN_CHECKOUT).content.decode()
    assert f"We put aside what you had in your basket before: 2 × {rye}." in page
    store = stores["default"]
    assert store.token_of(owner_name(user)) == laptop.contents().token
    assert store.read(store.token_of(aside_name(user))).lines[0].item == rye.sku


def test_what_was_put_aside_comes_back_after_the_order(user):
    rye, bun, phone, laptop = make_variant(), make_variant(), Shopper(), Shopper()
    phone.add(rye, 2)
    log_in(phone, EMAIL)
    laptop.fill(bun, make_slot())
    log_in(laptop, EMAIL, to=IN_CHECKOUT)
    answer = laptop.order(laptop.reach_last_screen())
    assert answer.status_code == 303
    assert [line.variant.sku for line in Order.objects.get().lines.all()] == [bun.sku]
    assert in_basket(laptop) == {rye.sku: 2}
    assert in_basket(phone) == {rye.sku: 2}
    assert stores["default"].token_of(aside_name(user)) is None


def test_what_was_put_aside_comes_back_at_the_next_log_in(user):
    rye, bun, phone, laptop = make_variant(), make_variant(), Shopper(), Shopper()
    phone.add(rye, 2)
    log_in(phone, EMAIL)
    laptop.add(bun, 1)
    log_in(laptop, EMAIL, to=IN_CHECKOUT)
    tablet = Shopper()
    log_in(tablet, EMAIL)
    assert in_basket(tablet) == {rye.sku: 2, bun.sku: 1}


def test_the_basket_after_an_order_is_the_accounts_too(user):
    rye, bun, phone = make_variant(), make_variant(), Shopper()
    log_in(phone, EMAIL)
    phone.fill(rye, make_slot())
    assert phone.order(phone.reach_last_screen()).status_code == 303
    phone.add(bun, 1)
    laptop = Shopper()
    log_in(laptop, EMAIL)
    assert in_basket(laptop) == {bun.sku: 1}


# --- log-out -----------------------------------------------------------------------


def test_log_out_leaves_nothing_on_the_screen_and_loses_nothing(user):
    rye, browser = make_variant(), Shopper()
    browser.add(rye, 2)
    log_in(browser, EMAIL)
    before = browser.cookies[settings.BASKET_COOKIE_NAME].value
    browser.post(OUT)
    assert not is_logged_in(browser)
    assert browser.cookies[settings.BASKET_COOKIE_NAME].value != before
    assert in_basket(browser) == {}
    assert browser.cookies["badge"].value == "0.0.0"
    page = browser.get(reverse("shop:basket")).content.decode()
    assert str(rye) not in page
    assert EMAIL not in page
    log_in(browser, EMAIL)
    assert in_basket(browser) == {rye.sku: 2}


def test_log_out_forgets_the_last_order_of_this_browser(user):
    rye, browser = make_variant(), Shopper()
    log_in(browser, EMAIL)
    browser.fill(rye, make_slot())
    browser.order(browser.reach_last_screen())
    browser.post(OUT)
    assert browser.cookies["last-order"].value == ""


def test_who_logs_in_after_somebody_else_gets_none_of_their_basket(user):
    make_account("other@example.com")
    rye, browser = make_variant(), Shopper()
    browser.add(rye, 2)
    log_in(browser, EMAIL)
    browser.cookies.pop("session")  # it ran out, nobody pressed "log out"
    log_in(browser, "other@example.com")
    assert in_basket(browser) == {}
    again = Shopper()
    log_in(again, EMAIL)
    assert in_basket(again) == {rye.sku: 2}
