"""Each page and state on its own: nothing for axe to say, nothing too wide."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.conftest import DESKTOP, PHONE, SMALL, overflow

PAGES = {
    "home": "/",
    "category": "/category/breads/",
    "product": "/product/milk-bread/",
    "product-with-options": "/product/birthday-cake/",
    "search": "/search/?q=milk",
    "search-mistyped": "/search/?q=sourdoguh",
    "search-nothing": "/search/?q=xyzzy",
    "search-empty": "/search/",
    "allergens": "/allergens/",
    "basket-empty": "/basket/",
    "staff-login": "/staff/login/",
}
LOST = {"not-found": "/nowhere/", "order-unknown": "/order/no-such-secret/"}
STAFF = {
    "dashboard": "/staff/",
    "bake-sheet": "/staff/bake-sheet/",
    "packing": "/staff/packing/",
    "hand-over": "/staff/hand-over/",
    "hand-over-nothing": "/staff/hand-over/?q=ZZZZZ",
    "styleguide": "/staff/styleguide/",
}
ADMIN = {
    "admin-home": "/admin/",
    "admin-orders": "/admin/shop/order/",
    "admin-products": "/admin/shop/product/",
    "admin-product": "/admin/shop/product/add/",
    "admin-limits": "/admin/shop/capacity/",
    "admin-tasks": "/admin/django_tasks_database/dbtaskresult/",
}
VIEW = pytest.mark.parametrize(
    ("size", "dark"),
    [
        pytest.param(PHONE, True, id="phone-dark"),
        pytest.param(DESKTOP, False, id="desktop", marks=pytest.mark.slow),
        pytest.param(PHONE, False, id="phone", marks=pytest.mark.slow),
        pytest.param(DESKTOP, True, id="desktop-dark", marks=pytest.mark.slow),
    ],
)


@VIEW
def test_every_page_is_for_everybody(visit, look, size, dark):
    page = visit(size=size, dark=dark)
    for name, path in PAGES.items():
        answer = page.goto(path)
        assert answer.status == 200, path
        look(page, name)


@VIEW
def test_every_state_of_buying_is_for_everybody(visit, look, size, dark):
    buy(visit(size=size, dark=dark), look)


@pytest.mark.slow
def test_buying_needs_no_scrolling_sideways_on_the_smallest_phone(visit, look):
    buy(visit(size=SMALL), look)


def buy(page, look):
    page.goto("/")
    steps.choose_day(page)
    steps.open_product(page, "Milk bread")
    steps.add(page, 2)
    look(page, "product-added")
    steps.open_basket(page)
    look(page, "basket")
    _a_wrong_quantity(page, look)
    page.goto("/basket/pick-up/")
    look(page, "pick-up")
    steps.choose_time(page)
    steps.open_basket(page)
    look(page, "basket-with-time")
    page.get_by_role("button", name="Check out").click()
    expect(page).to_have_url(re.compile("/checkout/contact/$"))
    look(page, "checkout-contact")
    page.get_by_role("button", name="Go on").click()
    expect(page).to_have_title(re.compile("^Error:"))
    look(page, "checkout-contact-errors")
    page.get_by_label("Name").fill("Mrs Ssoni")
    page.get_by_label("E-mail").fill("ssoni@example.com")
    page.get_by_role("button", name="Go on").click()
    expect(page).to_have_url(re.compile("/checkout/order/$"))
    look(page, "checkout-order")
    page.get_by_role("button", name="Order and pay").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")
    look(page, "order")


def _a_wrong_quantity(page, look):
    page.get_by_label("Pieces of Milk bread").fill("many")
    page.get_by_label("Pieces of Milk bread").press("Enter")
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    look(page, "basket-wrong-quantity")


@pytest.mark.slow
@VIEW
def test_every_staff_page_is_for_everybody(visit, look, size, dark):
    page = visit(size=size, dark=dark)
    steps.log_in(page, "owner")
    for name, path in STAFF.items():
        answer = page.goto(path)
        assert answer.status == 200, path
        look(page, f"staff-{name}")


@pytest.mark.slow
def test_nothing_serious_is_wrong_in_the_admin(visit, look):
    page = visit()
    steps.log_in(page, "owner", "/admin/")
    for name, path in ADMIN.items():
        answer = page.goto(path)
        assert answer.status == 200, path
        look(page, name, impacts={"serious", "critical"})


def test_nothing_scrolls_sideways_on_the_smallest_phone(visit):
    page = visit(size=SMALL)
    for path in [*PAGES.values(), *LOST.values()]:
        page.goto(path)
        assert overflow(page) == 0, path


@VIEW
def test_a_page_that_does_not_exist_helps_on(visit, look, size, dark):
    page = visit(size=size, dark=dark)
    for name, path in LOST.items():
        assert page.goto(path).status == 404
        look(page, name)


def test_a_log_in_that_fails_says_so(visit, look):
    page = visit()
    page.goto("/staff/login/")
    page.get_by_label("E-mail").fill("owner@demo.bakery")
    page.get_by_label("Password", exact=True).fill("not that one")
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page).to_have_title(re.compile("^Error:"))
    look(page, "staff-login-error")
