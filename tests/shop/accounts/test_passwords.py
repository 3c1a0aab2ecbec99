"""Forgotten and changed passwords, changed addresses, and the list of devices."""

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from tests.shop.accounts.people import (
    PASSWORD,
    deliver,
    is_logged_in,
    link_in,
    log_in,
    make_account,
)
from tests.shop.shopper import Shopper

pytestmark = pytest.mark.django_db

NEW = "three cats on a tram"
RESET = "/account/auth/password/reset/"


def logged_in(email="ssoni@example.com"):
    browser = Shopper()
    log_in(browser, email)
    assert is_logged_in(browser)
    return browser


def ask(browser, email):
    return browser.post(RESET, {"email": email})


def test_a_forgotten_password_is_replaced_by_the_mails_link_once():
    make_account()
    elsewhere, browser = logged_in(), Shopper()
    assert ask(browser, "ssoni@example.com").url == f"{RESET}done/"
    link = link_in(deliver()[0])
    form = browser.get(link)
    assert "set-password" in form.url  # the key leaves the address at once
    assert "Choose a new password" in browser.get(form.url).content.decode()
    assert browser.post(form.url, {"password1": "short"}).status_code == 422
    assert browser.post(form.url, {"password1": NEW}).status_code == 302
    assert not is_logged_in(browser)
    assert elsewhere.get(reverse("account_email")).status_code == 302
    assert log_in(Shopper(), "ssoni@example.com", NEW).url == "/account/"
    assert log_in(Shopper(), "ssoni@example.com").status_code == 422
    assert "This link is too old" in Shopper().get(link).content.decode()
    assert "Your password was changed" in [each.subject for each in deliver()]


def test_known_and_unknown_addresses_get_the_same_answer():
    make_account()
    known, unknown = Shopper(), Shopper()
    answers = [ask(known, "ssoni@example.com"), ask(unknown, "nobody@example.com")]
    facts = [(a.status_code, a.url, sorted(a.cookies), a.content) for a in answers]
    assert facts[0] == facts[1]
    pages = [each.get(f"{RESET}done/").content for each in (known, unknown)]
    assert pages[0] == pages[1]
    assert [message.subject for message in deliver()] == [
        "A new password",
        "There is no account with this address",
    ]


def test_a_changed_password_logs_the_others_out_and_not_this_one():
    make_account()
    elsewhere, browser = logged_in(), logged_in()
    page = reverse("account_change_password")
    wrong = browser.post(page, {"oldpassword": "wrong", "password1": NEW})
    assert wrong.status_code == 422
    assert "This is not your current password." in wrong.content.decode()
    answer = browser.post(page, {"oldpassword": PASSWORD, "password1": NEW})
    assert answer.status_code == 302
    assert "Your new password is saved." in browser.get(page).content.decode()
    assert elsewhere.get(page).status_code == 302
    [message] = deliver()
    assert message.subject == "Your password was changed"
    assert "127.0.0.1" in message.body


def test_a_new_address_counts_when_its_link_is_pressed():
    user = make_account()
    browser = logged_in()
    page = reverse("account_email")
    browser.post(page, {"action_add": "1", "email": "new@example.com"})
    user.refresh_from_db()
    assert user.email == "ssoni@example.com"
    assert "new@example.com" in browser.get(page).content.decode()
    [message] = deliver()
    assert message.to == ["new@example.com"]
    browser.post(link_in(message))
    user.refresh_from_db()
    assert user.email == "new@example.com"
    assert EmailAddress.objects.get().email == "new@example.com"
    assert user.customer.email == "new@example.com"
    assert "Your address was changed" in [each.subject for each in deliver()]


def test_the_address_of_another_account_is_neither_taken_nor_betrayed():
    make_account()
    make_account("other@example.com")
    browser = logged_in()
    page = reverse("account_email")
    answers = [
        browser.post(page, {"action_add": "1", "email": email})
        for email in ("other@example.com", "free@example.com")
    ]
    assert [(a.status_code, a.url) for a in answers] == [(302, page)] * 2
    for message in deliver():
        if message.to == ["other@example.com"]:
            browser.post(link_in(message))
    assert EmailAddress.objects.get(email="other@example.com", verified=True).user_id


# --- where one is logged in --------------------------------------------------------

SESSIONS = "/account/auth/sessions/"


def test_the_list_shows_each_device_and_ends_the_others():
    make_account()
    phone = Shopper(headers={"user-agent": "Mozilla Android Firefox/140"})
    log_in(phone, "ssoni@example.com")
    laptop = Shopper(headers={"user-agent": "Mozilla Mac OS X Safari/605"})
    log_in(laptop, "ssoni@example.com")
    page = laptop.get(SESSIONS).content.decode()
    assert "Firefox on Android" in page
    assert "Safari on a Mac" in page
    assert page.count("this one") == 1
    assert laptop.post(SESSIONS).url == SESSIONS
    assert "logged out everywhere else" in laptop.get(SESSIONS).content.decode()
    assert not is_logged_in(phone)
    assert phone.get(SESSIONS).status_code == 302
    assert is_logged_in(laptop)


def test_a_session_that_ended_otherwise_is_no_longer_listed():
    make_account()
    phone, laptop = logged_in(), logged_in()
    phone.post(reverse("account_logout"))
    assert laptop.get(SESSIONS).context["session_count"] == 1
