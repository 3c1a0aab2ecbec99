"""An impatient finger: one press counts once, two deliberate presses twice."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import expect

from tests.browser import steps

SCRIPT = pytest.mark.parametrize(
    "script",
    [
        pytest.param(True, id="script"),
        pytest.param(False, id="no-script", marks=pytest.mark.slow),
    ],
)


def at_milk_bread(page) -> None:
    page.goto("/product/milk-bread/")
    expect(page.get_by_role("heading", level=1, name="Milk bread")).to_be_visible()


@SCRIPT
def test_a_double_click_counts_once(visit, script):
    page = visit(script=script)
    at_milk_bread(page)
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.get_by_role("button", name="Add").first.dblclick(no_wait_after=True)
    page.wait_for_load_state("networkidle")
    steps.open_basket(page)
    assert steps.pieces_of(page, "Milk bread") == "1"


def test_a_double_click_counts_once_when_the_answer_comes_in_between(visit):
    page = visit(script=True)
    at_milk_bread(page)
    click(page, number=1)
    expect(page.locator("button[data-added]")).to_be_visible()
    click(page, number=2)
    page.wait_for_load_state("networkidle")
    steps.open_basket(page)
    assert steps.pieces_of(page, "Milk bread") == "1"


def click(page, *, number: int) -> None:
    """On "Add"; number 2 is how a browser tells of the second of a double click."""
    place = page.locator('form[data-enhance="add"] button:not([data-step])').first
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down(click_count=number)
    page.mouse.up(click_count=number)


@SCRIPT
def test_two_deliberate_presses_count_twice(visit, script):
    page = visit(script=script)
    for _ in range(2):
        at_milk_bread(page)
        steps.add(page)
    steps.open_basket(page)
    assert steps.pieces_of(page, "Milk bread") == "2"


@SCRIPT
def test_the_back_button_and_another_press_count_as_a_second_one(visit, script):
    page = visit(script=script)
    at_milk_bread(page)
    steps.add(page)
    if not script:
        page.go_back()
    steps.add(page)
    steps.open_basket(page)
    assert steps.pieces_of(page, "Milk bread") == "2"


@SCRIPT
def test_a_double_click_on_order_makes_one_order(shop, visit, script):
    page = visit(script=script)
    email = f"impatient-{script}@example.com".lower()
    at_milk_bread(page)
    steps.add(page)
    steps.choose_time(page)
    steps.open_basket(page)
    steps.enter_details(page, "Ms Impatient", email)
    page.get_by_role("button", name="Order and pay").dblclick(no_wait_after=True)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")
    with closing(sqlite3.connect(shop.folder / "bakery.sqlite3")) as database:
        orders = database.execute(
            "SELECT count(*) FROM shop_order WHERE email = ?", [email]
        )
        assert orders.fetchone()[0] == 1
    steps.mail_about(shop, email)
    assert len([mail for mail in steps.mails(shop) if email in mail]) == 1
