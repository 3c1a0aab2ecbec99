"""Accounts in a real browser: each page and state, script on and off, and passkeys."""

from __future__ import annotations

import re
import secrets

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE
from tests.browser.steps import mail_about
from tests.one_time_codes import code_of

PASSWORD = "milk bread at dawn"
AUTH = "/account/auth/"
BASKET = re.compile(r"^[^?]*/basket/$")
OPEN_PAGES = ["login/", "signup/", "password/reset/", "password/reset/done/"]
OWN_PAGES = [
    "password/change/",
    "email/",
    "2fa/",
    "sessions/",
    "logout/",
    "2fa/webauthn/",
]


def sign_up(page: Page, shop, base: str = "") -> str:
    """A new account, by the page and the mail; its address."""
    email = f"ssoni-{secrets.token_hex(4)}@example.com"
    page.goto(f"{base}{AUTH}signup/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look at your mail")
    mail = mail_about(shop, email)
    link = re.search(r"https?://[^/\s]+(/account/auth/confirm-email/[^\s\"<]+)", mail)
    page.goto(base + link[1].replace("=\r\n", "").replace("=\n", ""))
    page.get_by_role("button", name="Yes, this is mine").click()
    expect(page).to_have_url(re.compile("/account/"))
    return email


def prove_it(page: Page, look=None) -> None:
    """Who came in by a link is asked for the password before what matters."""
    expect(page.get_by_role("heading", level=1)).to_have_text("Is it you?")
    if look:
        look(page, "account-is-it-you")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_pages_for_everybody(visit, look, dark):
    page = visit(size=PHONE, dark=dark)
    for path in OPEN_PAGES:
        page.goto(AUTH + path)
        look(page, f"account-{path.strip('/').replace('/', '-')}")
    page.goto(f"{AUTH}login/?next=/staff/")
    page.get_by_label("E-mail address").fill("nobody@example.com")
    page.get_by_label("Password", exact=True).fill("wrong wrong wrong")
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("We do not know this")
    look(page, "account-login-wrong")
    page.goto(f"{AUTH}signup/")
    page.get_by_role("button", name="Make the account").click()
    look(page, "account-signup-empty")
    page.goto(f"{AUTH}confirm-email/anything/")
    look(page, "account-confirm-too-old")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_pages_of_an_account(visit, look, shop, dark):
    page = visit(size=PHONE, dark=dark)
    sign_up(page, shop)
    for path in OWN_PAGES:
        page.goto(AUTH + path)
        look(page, f"account-{path.strip('/').replace('/', '-')}")
    page.goto(f"{AUTH}2fa/totp/activate/")
    prove_it(page, look)
    look(page, "account-2fa-activate")
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Switch it on").click()
    look(page, "account-2fa-wrong")
    page.get_by_label("Code").fill(code_of(page.locator(".account__key").inner_text()))
    page.get_by_role("button", name="Switch it on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    look(page, "account-2fa-codes")
    page.goto(f"{AUTH}2fa/")
    look(page, "account-2fa-on")
    page.goto(f"{AUTH}2fa/totp/deactivate/")
    look(page, "account-2fa-off")


def test_without_script_one_signs_up_logs_out_and_in_with_a_code(visit, look, shop):
    page = visit(script=False, size=PHONE)
    email = sign_up(page, shop)
    page.goto(f"{AUTH}2fa/totp/activate/")
    prove_it(page)
    key = page.locator(".account__key").inner_text()
    page.get_by_label("Code").fill(code_of(key))
    page.get_by_role("button", name="Switch it on").click()
    page.goto(f"{AUTH}logout/")
    page.get_by_role("button", name="Log out", exact=True).click()
    page.goto(f"{AUTH}login/?next=/basket/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("One more step")
    look(page, "account-2fa-ask")
    page.get_by_label("Code").fill(code_of(key, 1))
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page).to_have_url(BASKET)


def test_a_password_can_be_shown(visit):
    page = visit()
    page.goto(f"{AUTH}login/")
    field = page.get_by_label("Password", exact=True)
    page.get_by_role("button", name="Show the password").click()
    expect(field).to_have_attribute("type", "text")
    page.get_by_role("button", name="Hide the password").click()
    expect(field).to_have_attribute("type", "password")


def test_a_passkey_is_added_and_lets_in_alone(visit, look, shop):
    """Passkeys are bound to a name, so the shop is called localhost here."""
    base = shop.url.replace("127.0.0.1", "localhost")
    page = visit(size=PHONE)
    with_key(page)
    sign_up(page, shop, base)
    page.goto(f"{base}{AUTH}2fa/webauthn/add/")
    prove_it(page)
    look(page, "account-passkey-add")
    page.get_by_label("Name of this key").fill("My phone")
    page.get_by_label("Log in with this key alone").check()
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    page.goto(f"{base}{AUTH}2fa/webauthn/")
    expect(page.get_by_text("My phone").first).to_be_visible()
    look(page, "account-passkeys")
    page.goto(f"{base}{AUTH}logout/")
    page.get_by_role("button", name="Log out", exact=True).click()
    page.goto(f"{base}{AUTH}login/?next=/basket/")
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page).to_have_url(BASKET)
    page.goto(f"{base}{AUTH}sessions/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Where you are logged in")


def with_key(page: Page) -> None:
    """A device that has keys and a finger to confirm with."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
