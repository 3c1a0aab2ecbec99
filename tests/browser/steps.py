"""What a visitor does, in the words on the page: nothing here knows the HTML."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.processes import Machine, wait_until


def choose_day(page: Page, nth: int = 1) -> None:
    """Take a day on which things can be had from the strip above the page."""
    days = page.get_by_role("navigation", name="Pick-up day").get_by_role("link")
    open_days = days.filter(has_not_text=re.compile("closed|too late|past", re.I))
    open_days.nth(nth).click()
    expect(page).to_have_url(re.compile(r"\?day=\d{4}-\d\d-\d\d"))


def open_product(page: Page, name: str) -> None:
    page.get_by_role("heading", name=name, exact=True).first.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def add(page: Page, pieces: int = 1) -> None:
    """Add what the product page shows; returns when the shop has answered."""
    page.get_by_label("How many?").fill(str(pieces))
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.get_by_role("button", name=re.compile("^Add")).first.click()
    page.wait_for_load_state()


def open_basket(page: Page) -> None:
    page.goto("/basket/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Your basket")


def pieces_of(page: Page, name: str) -> str:
    return page.get_by_label(f"Pieces of {name}").input_value()


def choose_time(page: Page) -> None:
    """The first pick-up time of the basket's day that has a place."""
    page.goto("/basket/pick-up/")
    page.locator("input[name=slot]:enabled").first.check(force=True)
    page.get_by_role("button", name="Keep this time").click()
    expect(page).to_have_url(re.compile(r"/basket/([?#].*)?$"))


def check_out(page: Page, name: str, email: str) -> None:
    """Two screens from the basket to the order's own page."""
    enter_details(page, name, email)
    page.get_by_role("button", name=re.compile("Order and pay")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"Thank you, {name}")


def enter_details(page: Page, name: str, email: str) -> None:
    """From the basket to the second screen."""
    page.get_by_role("button", name="Check out").click()
    expect(page).to_have_title(re.compile("Your details"))
    page.get_by_label("Name").fill(name)
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Go on").click()
    expect(page).to_have_title(re.compile("Check and order"))


def code_on(page: Page) -> str:
    return page.locator(".order-code").first.inner_text().strip()


def mails(shop: Machine) -> list[str]:
    folder = shop.folder / "mail"
    return [path.read_text() for path in folder.glob("*")] if folder.exists() else []


def mail_about(shop: Machine, words: str) -> str:
    """The mail with these words in it, as soon as the worker has sent it."""
    assert wait_until(lambda: any(words in mail for mail in mails(shop)), 30), shop.log
    return next(mail for mail in mails(shop) if words in mail)


def log_in(page: Page, role: str, to: str = "/staff/") -> None:
    page.goto(f"/staff/login/?next={to}")
    page.get_by_label("E-mail").fill(f"{role}@demo.bakery")
    page.get_by_label("Password", exact=True).fill("bake-at-dawn")
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page).not_to_have_url(re.compile("login"))
