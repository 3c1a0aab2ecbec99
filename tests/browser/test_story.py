"""The whole story: from the catalogue to the order and back, and the bakery's side."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.conftest import DESKTOP, PHONE

WAYS = pytest.mark.parametrize(
    ("script", "size"),
    [
        pytest.param(True, PHONE, id="script-phone"),
        pytest.param(False, DESKTOP, id="no-script-desktop", marks=pytest.mark.slow),
        pytest.param(True, DESKTOP, id="script-desktop", marks=pytest.mark.slow),
        pytest.param(False, PHONE, id="no-script-phone", marks=pytest.mark.slow),
    ],
)
SCRIPT = pytest.mark.parametrize(
    "script",
    [
        pytest.param(True, id="script"),
        pytest.param(False, id="no-script", marks=pytest.mark.slow),
    ],
)


def taken(shop) -> int:
    """Units of all limits that orders and holds have taken."""
    with closing(sqlite3.connect(shop.folder / "bakery.sqlite3")) as database:
        return database.execute("SELECT sum(taken) FROM shop_capacity").fetchone()[0]


@WAYS
def test_a_shopper_orders_and_cancels(shop, visit, look, script, size):
    page = visit(script=script, size=size)
    name = f"story-{'script' if script else 'plain'}"
    before = taken(shop)

    page.goto("/")
    everything = page.locator("#everything").get_by_role("heading", level=3)
    expect(everything).to_have_count(24)
    look(page, f"{name}-1-home")
    steps.choose_day(page)

    steps.open_product(page, "Milk bread")
    expect(page.get_by_text(re.compile("Contains.*gluten.*milk"))).to_be_visible()
    expect(page.get_by_text(re.compile("wheat flour", re.I)).first).to_be_visible()
    expect(page.get_by_text(re.compile(r"€\d+\.\d\d")).first).to_be_visible()
    look(page, f"{name}-2-product")
    steps.add(page, 2)

    page.goto("/")
    steps.choose_day(page)
    steps.open_product(page, "Country sourdough")
    page.get_by_label("Sliced, 10 mm").check(force=True)
    steps.add(page)

    steps.open_basket(page)
    assert steps.pieces_of(page, "Milk bread") == "2"
    expect(page.get_by_text("Sliced, 10 mm")).to_be_visible()
    page.get_by_role("button", name="One more: Milk bread").click()
    expect(page.get_by_label("Pieces of Milk bread")).to_have_value("3")
    look(page, f"{name}-3-basket")

    page.goto("/basket/pick-up/")
    look(page, f"{name}-4-pick-up")
    steps.choose_time(page)
    steps.open_basket(page)
    assert steps.pieces_of(page, "Milk bread") == "3"
    steps.check_out(page, "Mrs Ssoni", "ssoni@example.com")
    look(page, f"{name}-5-order")
    code = steps.code_on(page)
    assert re.fullmatch(r"[0-9A-Z]{4,6}", code)
    assert taken(shop) > before
    _the_order_s_page_has_everything(page, code)

    link = _link_in(steps.mail_about(shop, code))
    later = visit(script=script, size=size)
    later.goto(link)
    expect(later.locator(".order-code").first).to_have_text(code)
    later.get_by_role("link", name="Cancel this order").click()
    look(later, f"{name}-6-cancel")
    later.get_by_role("button", name="Yes, cancel it").click()
    expect(later.get_by_role("heading", level=1)).to_contain_text("cancelled")
    look(later, f"{name}-7-cancelled")
    assert taken(shop) == before


def _the_order_s_page_has_everything(page, code):
    expect(page.get_by_role("img", name=f"QR code of order {code}")).to_be_visible()
    calendar = page.get_by_role("link", name="Add to calendar").get_attribute("href")
    answer = page.request.get(calendar)
    assert answer.status == 200
    assert "BEGIN:VEVENT" in answer.text()
    assert page.locator("input:visible").count() == 0


def _link_in(mail: str) -> str:
    plain = mail.replace("=\n", "").replace("=3D", "=")
    return re.search(r"http://127\.0\.0\.1:\d+(/order/[^/\s]+/)", plain)[1]


def test_checkout_asks_for_at_most_six_things_on_two_screens(visit):
    page = visit()
    page.goto("/")
    steps.choose_day(page)
    steps.open_product(page, "Milk bread")
    steps.add(page)
    steps.choose_time(page)
    steps.open_basket(page)
    page.get_by_role("button", name="Check out").click()
    expect(page.get_by_text("Step 1 of 2")).to_be_visible()
    asked = page.locator("main").locator(
        "input:visible, textarea:visible, select:visible"
    )
    assert 1 <= asked.count() <= 6


def order_of(page) -> str:
    page.goto("/")
    steps.choose_day(page)
    steps.open_product(page, "Milk bread")
    steps.add(page, 2)
    steps.choose_time(page)
    steps.open_basket(page)
    steps.check_out(page, "Mr Baker", "baker@example.com")
    return steps.code_on(page)


@SCRIPT
def test_the_bakery_bakes_packs_and_hands_over(visit, look, script):
    shopper = visit(script=script)
    code = order_of(shopper)
    day = shopper.get_by_role("heading", level=1)
    expect(day).to_be_visible()

    baker = visit(script=script)
    steps.log_in(baker, "baker", "/staff/bake-sheet/")
    expect(baker.get_by_role("heading", level=1)).to_contain_text("Bake sheet")
    look(baker, "staff-bake-sheet")

    counter = visit(script=script)
    steps.log_in(counter, "counter", "/staff/packing/")
    expect(counter.get_by_role("heading", level=1)).to_contain_text("Packing")
    look(counter, "staff-packing")
    counter.goto(f"/staff/hand-over/?q={code}")
    counter.goto(f"/staff/orders/{code}/")
    look(counter, "staff-order")
    counter.get_by_role("button", name="Paid and handed over").click()
    expect(counter.get_by_text(re.compile("Handed over \\d"))).to_be_visible()

    shopper.reload()
    expect(shopper.get_by_role("heading", level=1)).to_contain_text("Enjoy your bread")
