"""The account's own pages in a real browser: allergies, the same again, the end."""

from __future__ import annotations

import itertools
import json

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, SMALL

PASSWORD = "milk bread at dawn"
numbers = itertools.count(1)
MAKE = """
from allauth.account.models import EmailAddress
from shop.models import Customer, Order, User
user = User.objects.create_user({email!r}, {password!r}, name="Mina Ssoni")
EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
customer = Customer.objects.create(email=user.email, name=user.name, user=user)
guests = Order.objects.filter(customer__user=None)
order = guests.order_by("pk").first()
Order.objects.filter(pk=order.pk).update(
    customer=customer, email=user.email, state="handed_over"
)
"""
VIEW = pytest.mark.parametrize(
    ("size", "dark"),
    [
        pytest.param(PHONE, True, id="phone-dark"),
        pytest.param(DESKTOP, False, id="desktop", marks=pytest.mark.slow),
        pytest.param(SMALL, False, id="small", marks=pytest.mark.slow),
    ],
)


@pytest.fixture
def mina(shop, visit):
    """mina(...): logged in, with one order of milk bread in the past."""

    def log_in(**how) -> Page:
        email = f"mina-{next(numbers)}@example.com"
        code = MAKE.format(email=email, password=PASSWORD)
        shop.manage("shell", "--no-imports", "-c", code)
        page = visit(**how)
        page.goto("/account/")
        page.fill("input[type=email]", email)
        page.fill("input[type=password]", PASSWORD)
        page.press("input[type=password]", "Enter")
        page.wait_for_url("**/account/")
        return page

    return log_in


def tick(page: Page, *words: str) -> None:
    page.goto("/account/allergies/")
    for each in words:
        page.get_by_label(each, exact=True).check()
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/account/")


@VIEW
def test_every_page_and_state(mina, look, size, dark):
    page = mina(size=size, dark=dark)
    look(page, "account")
    for name in ("orders", "details", "allergies", "data", "erasure", "erased"):
        page.goto(f"/account/{name}/")
        look(page, f"account-{name}")
    page.goto("/account/details/")
    page.fill("#id_name", "")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()
    look(page, "account-details-wrong")
    page.goto("/account/erasure/")
    page.get_by_role("button", name="Erase it for good").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()
    look(page, "account-erasure-wrong")
    tick(page, "Milk")
    look(page, "account-saved")
    page.get_by_role("button", name="Order again").first.click()
    expect(page.get_by_text("is in your basket again")).to_be_visible()
    look(page, "basket-again")


@VIEW
def test_a_product_warns_until_log_out(mina, look, size, dark):
    page = mina(size=size, dark=dark)
    warning = page.get_by_text("Mind your allergies. Contains milk.")
    page.goto("/product/milk-bread/")
    expect(warning).to_be_hidden()
    tick(page, "Milk")
    page.goto("/product/milk-bread/")
    expect(warning).to_be_visible()
    look(page, "product-warned")
    page.goto("/account/")
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/")
    page.goto("/product/milk-bread/")
    expect(warning).to_be_hidden()


VANISH = """
from shop.models import Customer, OrderLine, Product
order = Customer.objects.get(email={email!r}).orders.get()
Product.objects.filter(variants__order_lines__order=order).update(is_listed={listed})
"""


@pytest.mark.slow
@VIEW
def test_what_is_no_longer_baked_is_explained(mina, shop, look, size, dark):
    page = mina(size=size, dark=dark)
    email = page.locator(".my-head__address").inner_text()
    shop.manage("shell", "--no-imports", "-c", VANISH.format(email=email, listed=False))
    try:
        page.goto("/account/orders/")
        page.get_by_role("button", name="Order again").click()
        expect(page.get_by_text("we no longer bake this").first).to_be_visible()
        look(page, "basket-again-vanished")
    finally:
        words = VANISH.format(email=email, listed=True)
        shop.manage("shell", "--no-imports", "-c", words)


def test_the_usual_way_without_script(mina, look):
    page = mina(script=False, size=PHONE)
    tick(page, "Milk", "Everything with gluten")
    page.goto("/account/orders/")
    page.get_by_role("button", name="Order again").click()
    expect(page.get_by_text("is in your basket again")).to_be_visible()
    expect(page.get_by_text("Mind your allergies.").first).to_be_visible()
    look(page, "basket-warned-without-script")


@pytest.mark.slow
def test_the_copy_is_downloaded_and_the_end_is_the_end(mina):
    page = mina()
    page.goto("/account/data/")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download your data").click()
    record = json.loads(download.value.path().read_text())
    assert record["account"]["name"] == "Mina Ssoni"
    page.goto("/account/erasure/")
    page.fill("#id_password", PASSWORD)
    page.fill("#id_word", "erase")
    page.get_by_role("button", name="Erase it for good").click()
    expect(page.get_by_role("heading", name="It is done")).to_be_visible()
    page.goto("/account/")
    assert "/account/auth/login/" in page.url
