"""Codes, passkeys and recovery codes: offered to shoppers, demanded of staff."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.test import override_settings
from django.urls import reverse

from shop.accounts.second_factor import new_codes
from tests.one_time_codes import code_of
from tests.shop.accounts.people import deliver, is_logged_in, log_in, make_account
from tests.shop.shopper import Shopper

pytestmark = pytest.mark.django_db

ASK = "/account/auth/2fa/authenticate/"
SET_UP = "/account/auth/2fa/totp/activate/"
INDEX = "/account/auth/2fa/"


def set_up(browser) -> str:
    """By the page's own form; the key."""
    page = browser.get(SET_UP).content.decode()
    key = re.search(r'account__key">(\w+)<', page)[1]
    answer = browser.post(SET_UP, {"code": code_of(key)})
    assert answer.url == reverse("mfa_view_recovery_codes"), answer.content.decode()
    return key


def test_a_shopper_may_set_up_an_app_and_is_asked_from_then_on():
    make_account()
    browser = Shopper()
    log_in(browser, "ssoni@example.com")
    key = set_up(browser)
    again = Shopper()
    assert log_in(again, "ssoni@example.com", to="/basket/").url == ASK
    assert not is_logged_in(again)
    wrong = again.post(ASK, {"code": "000000"})
    assert wrong.status_code == 422
    assert "This code is not right" in wrong.content.decode()
    assert again.post(ASK, {"code": code_of(key, 1)}).url == "/basket/"
    assert is_logged_in(again)


@pytest.mark.django_db(transaction=True)
def test_a_new_second_factor_is_told_by_mail():
    make_account()
    browser = Shopper()
    log_in(browser, "ssoni@example.com")
    set_up(browser)
    assert "Your authenticator app is set up" in [each.subject for each in deliver()]


def test_each_code_counts_once_whatever_server_it_is_shown_to():
    user = make_account()
    code = code_of(new_codes(user))
    first, second = Shopper(), Shopper()
    for browser in (first, second):
        log_in(browser, "ssoni@example.com")
    assert first.post(ASK, {"code": code}).status_code == 302
    assert second.post(ASK, {"code": code}).status_code == 422
    assert not is_logged_in(second)


def test_a_recovery_code_lets_in_once():
    make_account()
    browser = Shopper()
    log_in(browser, "ssoni@example.com")
    set_up(browser)
    page = browser.get(reverse("mfa_view_recovery_codes")).content.decode()
    code = re.search(r"<li><code>(\S+)</code>", page)[1]
    for status in (302, 422):
        other = Shopper()
        log_in(other, "ssoni@example.com")
        assert other.post(ASK, {"code": code}).status_code == status


def test_the_key_is_kept_encrypted_and_survives_a_new_secret_key():
    user = make_account()
    key = new_codes(user)
    row = Authenticator.objects.get(user=user)
    assert key not in str(row.data)
    with override_settings(SECRET_KEY="n" * 50, SECRET_KEY_FALLBACKS=[]):
        assert not row.wrap().validate_code(code_of(key))
    from django.conf import settings

    fallbacks = [settings.SECRET_KEY]
    with override_settings(SECRET_KEY="n" * 50, SECRET_KEY_FALLBACKS=fallbacks):
        assert row.wrap().validate_code(code_of(key))


# --- staff -------------------------------------------------------------------------


def test_staff_without_one_set_one_up_and_go_on_at_once():
    make_account("mina@bakery.example", is_staff=True, is_superuser=True)
    browser = Shopper()
    assert log_in(browser, "mina@bakery.example").url == "/staff/"
    answer = browser.get("/staff/")
    assert answer.url == f"{INDEX}?next=%2Fstaff%2F"
    assert "log in with a second factor" in browser.get(INDEX).content.decode()
    set_up(browser)
    assert browser.get("/staff/").status_code == 200
    assert browser.get("/admin/").status_code == 200


def test_staff_with_one_come_in_through_it():
    user = make_account("mina@bakery.example", is_staff=True, is_superuser=True)
    key = new_codes(user)
    browser = Shopper()
    assert log_in(browser, "mina@bakery.example", to="/admin/").url == ASK
    assert browser.get("/admin/").status_code == 302
    assert browser.post(ASK, {"code": code_of(key)}).url == "/admin/"
    assert browser.get("/admin/").status_code == 200


def test_a_session_from_before_the_second_factor_is_asked_for_it():
    user = make_account("mina@bakery.example", is_staff=True, is_superuser=True)
    browser = Shopper()
    log_in(browser, "mina@bakery.example")
    key = new_codes(user)
    answer = browser.get("/staff/")
    assert answer.url == f"{INDEX}reauthenticate/?next=%2Fstaff%2F"
    assert browser.post(answer.url, {"code": code_of(key)}).url == "/staff/"
    assert browser.get("/staff/").status_code == 200


def test_staff_cannot_switch_their_last_one_off():
    make_account("mina@bakery.example", is_staff=True)
    browser = Shopper()
    log_in(browser, "mina@bakery.example")
    set_up(browser)
    off = reverse("mfa_deactivate_totp")
    assert "Add another one first." in browser.get(off).content.decode()
    assert browser.post(off).status_code == 422
    assert Authenticator.objects.filter(type="totp").exists()


@pytest.mark.parametrize(("in_a_fleet", "status"), [(False, 200), (True, 302)])
def test_the_demos_log_ins_need_one_only_in_a_fleet(in_a_fleet, status):
    make_account("owner@demo.bakery", is_staff=True, is_superuser=True, is_demo=True)
    browser = Shopper()
    with override_settings(DEMO_STAFF_NEED_SECOND_FACTOR=in_a_fleet):
        log_in(browser, "owner@demo.bakery")
        assert browser.get("/staff/").status_code == status


def test_switching_off_asks_for_the_password_again_after_a_while():
    user = make_account()
    browser = Shopper()
    log_in(browser, "ssoni@example.com")
    new_codes(user)
    session = browser.session
    records = session["account_authentication_methods"]
    session["account_authentication_methods"] = [
        each | {"at": each["at"] - 3600} for each in records
    ]
    session.save()
    answer = browser.post(reverse("mfa_deactivate_totp"))
    assert "reauthenticate" in answer.url
    assert Authenticator.objects.filter(user=user).exists()


# --- passkeys ----------------------------------------------------------------------


@pytest.mark.parametrize("credential", ["", "{}", "[]", "nonsense", '{"id": "x"}', "1"])
@pytest.mark.parametrize("page", ["login", "add"])
def test_a_passkey_that_is_none_is_refused_kindly(page, credential):
    make_account()
    browser = Shopper()
    if page == "add":
        log_in(browser, "ssoni@example.com")
        browser.get(reverse("mfa_add_webauthn"))
    answer = browser.post(reverse(f"mfa_{page}_webauthn"), {"credential": credential})
    assert answer.status_code in {302, 422}
    assert not Authenticator.objects.exists()
