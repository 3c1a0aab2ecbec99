"""A picture of oneself in a real browser: each state, script on and off."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, SMALL, overflow
from tests.browser.test_account_pages import sign_up

PAGE = "/account/picture/"


def portrait(width: int = 900, height: int = 600) -> dict[str, object]:
    """Somebody in front of an oven, as a file that a form takes."""
    image = Image.new("RGB", (width, height), (196, 148, 96))
    draw = ImageDraw.Draw(image)
    x, y, r = width // 2, height // 2, height // 4
    draw.ellipse((x - 2 * r, y + r, x + 2 * r, y + 4 * r), fill=(94, 58, 40))
    draw.ellipse((x - r, y - r, x + r, y + r), fill=(236, 200, 168))
    draw.pieslice((x - r, y - r - 20, x + r, y + r), 180, 360, fill=(60, 36, 24))
    written = io.BytesIO()
    image.save(written, "JPEG", quality=85)
    return file("me.jpg", "image/jpeg", written.getvalue())


def file(name: str, kind: str, content: bytes) -> dict[str, object]:
    return {"name": name, "mimeType": kind, "buffer": content}


def is_drawn(page: Page) -> bool:
    """Has the picture on the page really come?"""
    return page.locator("img.person").evaluate(
        "async img => { await img.decode(); return img.naturalWidth === 256 }"
    )


@pytest.mark.parametrize(
    ("size", "dark"),
    [
        pytest.param(PHONE, True, id="phone-dark"),
        pytest.param(DESKTOP, False, id="desktop", marks=pytest.mark.slow),
    ],
)
def test_every_state_of_the_page_is_for_everybody(visit, look, shop, size, dark):
    page = visit(size=size, dark=dark)
    sign_up(page, shop)
    page.goto(PAGE)
    look(page, "picture-none")
    page.get_by_label("Choose a picture").set_input_files(portrait())
    expect(page.get_by_role("img", name="The picture you have chosen")).to_be_visible()
    expect(page.get_by_text("This is how it will look.")).to_be_visible()
    look(page, "picture-preview")
    page.get_by_role("button", name="Use this picture").click()
    expect(page.get_by_role("status").first).to_contain_text(
        "Your new picture is there"
    )
    assert is_drawn(page)
    look(page, "picture-there")
    wrong = file(
        "me.svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'/>"
    )
    page.get_by_label("Choose a picture").set_input_files(wrong)
    page.get_by_role("button", name="Use this picture").click()
    expect(page.get_by_role("alert")).to_contain_text("not a picture we can read")
    expect(page.locator(".error-summary")).to_be_focused()
    look(page, "picture-wrong")
    page.get_by_role("button", name="Remove the picture").click()
    expect(page.get_by_role("status").first).to_contain_text("Your picture is removed")
    look(page, "picture-removed")


@pytest.mark.slow
def test_a_file_that_is_too_large_is_told_before_it_is_sent(visit, look, shop):
    page = visit(size=PHONE)
    sign_up(page, shop)
    page.goto(PAGE)
    large = file("me.jpg", "image/jpeg", bytes(9 * 1024 * 1024))
    page.get_by_label("Choose a picture").set_input_files(large)
    expect(page.get_by_role("alert")).to_contain_text("Up to 8 MB are fine")
    look(page, "picture-too-large")
    page.get_by_role("button", name="Use this picture").click()
    expect(page.get_by_role("alert").first).to_contain_text("Up to 8 MB are fine")
    page.get_by_label("Choose a picture").set_input_files(portrait())
    page.get_by_role("button", name="Use this picture").click()
    assert is_drawn(page)


def test_without_script_a_picture_is_sent_and_removed(visit, look, shop):
    page = visit(script=False, size=SMALL)
    sign_up(page, shop)
    page.goto(PAGE)
    assert overflow(page) == 0
    page.get_by_role("button", name="Use this picture").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose a picture file first.")
    page.get_by_label("Choose a picture").set_input_files(portrait())
    page.get_by_role("button", name="Use this picture").click()
    expect(page.get_by_role("status").first).to_contain_text(
        "Your new picture is there"
    )
    look(page, "picture-without-script")
    page.get_by_role("button", name="Remove the picture").click()
    expect(page.get_by_role("status").first).to_contain_text("Your picture is removed")
