"""Accounts in a real browser: each page and state, script on and off, and passkeys."""

from __future__ import annotations

import re
import secrets

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.steps import mail_about, mails
from tests.one_time_codes import code_of
from tests.processes import wait_until

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


VIEW = pytest.mark.parametrize(
    ("size", "dark"),
    [
        pytest.param(PHONE, True, id="phone-dark"),
        pytest.param(DESKTOP, False, id="desktop", marks=pytest.mark.slow),
        pytest.param(PHONE, False, id="phone", marks=pytest.mark.slow),
        pytest.param(DESKTOP, True, id="desktop-dark", marks=pytest.mark.slow),
    ],
)
# What is lower than a finger is wide, except links within a sentence.
TOO_LOW = """() => [...document.querySelectorAll(
    ".my-page :is(button, input:not([type=hidden], [type=checkbox]), select, .check, "
    + ".tick, .link, .button, .back)"
  )].filter((each) => each.checkVisibility() && each.offsetHeight < 44)
    .map((each) => each.outerHTML)"""


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


@VIEW
def test_pages_for_everybody(visit, look, size, dark):
    page = visit(size=size, dark=dark)
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
    page.goto(f"{AUTH}inactive/")
    look(page, "account-inactive")
    assert page.goto("/account/nowhere/").status == 404
    look(page, "account-nowhere")


@pytest.mark.slow
def test_whoever_guesses_is_told_to_wait(visit, look):
    page = visit(size=PHONE, dark=True)
    page.goto(f"{AUTH}login/")
    for _ in range(6):
        page.get_by_label("E-mail address").fill("nobody@example.com")
        page.get_by_label("Password", exact=True).fill("wrong wrong wrong")
        page.get_by_role("button", name="Log in", exact=True).click()
        page.wait_for_load_state()
    expect(page.get_by_role("alert")).to_contain_text("Please wait five minutes")
    expect(page.get_by_label("E-mail address")).to_have_value("nobody@example.com")
    look(page, "account-login-too-often")


@VIEW
@pytest.mark.slow
def test_a_forgotten_password_is_chosen_anew(visit, look, shop, size, dark):
    page = visit(size=size, dark=dark)
    email = sign_up(page, shop)
    page.context.clear_cookies()
    page.goto(f"{AUTH}password/reset/")
    page.get_by_role("button", name="Send the link").click()
    expect(page).to_have_title(re.compile("^Error:"))
    look(page, "account-reset-empty")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look at your mail")
    link = re.compile(r"/account/auth/password/reset/key/[^\s\"<]+")
    assert wait_until(lambda: _link_to(shop, email, link), 30)
    address = _link_to(shop, email, link)
    page.goto(address)
    page.get_by_label("New password").fill("short")
    page.get_by_role("button", name="Save the password").click()
    expect(page.get_by_role("alert")).to_contain_text("too short")
    look(page, "account-reset-short")
    page.get_by_label("New password").fill("brown paper bag at six")
    page.get_by_role("button", name="Save the password").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Password saved")
    look(page, "account-reset-saved")
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text("This link is too old")
    look(page, "account-reset-too-old")


def _link_to(shop, email: str, link: re.Pattern) -> str:
    """The link in a mail to that address; "" while there is none."""
    joined = (mail.replace("=\n", "") for mail in mails(shop) if email in mail)
    return next((found[0] for mail in joined if (found := link.search(mail))), "")


@VIEW
@pytest.mark.slow
def test_password_and_address_are_changed(visit, look, shop, size, dark):
    page = visit(size=size, dark=dark)
    email = sign_up(page, shop)
    look(page, "account-welcome")
    page.goto(f"{AUTH}password/change/")
    page.get_by_role("button", name="Save the password").click()
    expect(page.locator(".error-summary")).to_be_focused()
    look(page, "account-password-empty")
    page.goto(f"{AUTH}email/")
    page.get_by_label("New e-mail address").fill("nothing")
    page.get_by_role("button", name="Send a link there").click()
    expect(page).to_have_title(re.compile("^Error:"))
    look(page, "account-email-wrong")
    page.get_by_label("New e-mail address").fill(f"new-{email}")
    page.get_by_role("button", name="Send a link there").click()
    prove_it(page)
    expect(page.get_by_role("button", name="Keep the old one")).to_be_visible()
    look(page, "account-email-pending")


@pytest.mark.slow
def test_everything_to_press_is_as_high_as_a_finger_is_wide(visit, shop):
    page = visit(size=PHONE)
    pages = [AUTH + path for path in OPEN_PAGES]
    for path in pages:
        page.goto(path)
        assert page.evaluate(TOO_LOW) == [], path
    sign_up(page, shop)
    own = ["", "orders/", "details/", "allergies/", "picture/", "data/", "erasure/"]
    for path in [*(AUTH + path for path in OWN_PAGES), *("/account/" + p for p in own)]:
        page.goto(path)
        assert page.evaluate(TOO_LOW) == [], path


FIELDS = [
    ("login/", "E-mail address", {"autocomplete": "username", "inputmode": "email"}),
    ("login/", "Password", {"autocomplete": "current-password", "enterkeyhint": "go"}),
    ("signup/", "E-mail address", {"autocomplete": "email", "enterkeyhint": "next"}),
    ("signup/", "Password", {"autocomplete": "new-password", "enterkeyhint": "go"}),
    ("password/reset/", "E-mail address", {"enterkeyhint": "send", "type": "email"}),
]


@pytest.mark.slow
def test_a_phone_knows_what_each_field_is_for(visit):
    page = visit(size=PHONE)
    for path, label, attributes in FIELDS:
        page.goto(AUTH + path)
        for name, value in attributes.items():
            field = page.get_by_label(label, exact=True)
            expect(field).to_have_attribute(name, value)


@pytest.mark.slow
@VIEW
def test_pages_of_an_account(visit, look, shop, size, dark):
    page = visit(size=size, dark=dark)
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


@pytest.mark.slow
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
    page.get_by_role("link", name="Rename").click()
    page.get_by_label("Name of this key").fill("")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter a name for this key.")
    look(page, "account-passkey-rename")
    page.goto(f"{base}{AUTH}2fa/webauthn/")
    page.get_by_role("link", name="Remove").click()
    look(page, "account-passkey-remove")
    page.goto(f"{base}{AUTH}logout/")
    page.get_by_role("button", name="Log out", exact=True).click()
    page.goto(f"{base}{AUTH}login/?next=/basket/")
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page).to_have_url(BASKET)
    page.goto(f"{base}{AUTH}2fa/webauthn/reauthenticate/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Is it you?")
    look(page, "account-passkey-again")
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
