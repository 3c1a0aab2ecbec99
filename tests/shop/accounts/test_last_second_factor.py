"""The last second factor of somebody who works here stays until there is another."""

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse

from shop.accounts.second_factor import new_codes
from tests.shop.accounts.people import log_in, make_account
from tests.shop.shopper import Shopper
from tests.shop.staffing import show_second_factor

pytestmark = pytest.mark.django_db

EMAIL = "mina@bakery.example"
INDEX = "/account/auth/2fa/"


@pytest.fixture
def baker():
    return make_account(EMAIL, is_staff=True, is_superuser=True)


@pytest.fixture
def browser(baker) -> Shopper:
    """Logged in, with a second factor shown in this session."""
    browser = Shopper()
    log_in(browser, EMAIL)
    show_second_factor(browser, baker)
    return browser


def add_passkey(user, name: str = "Phone") -> Authenticator:
    return Authenticator.objects.create(
        user=user, type="webauthn", data={"name": name, "credential": {}}
    )


def remove(browser: Shopper, key: Authenticator):
    if key.type == "totp":
        return browser.post(reverse("mfa_deactivate_totp"))
    return browser.post(reverse("mfa_remove_webauthn", args=[key.pk]))


def codes_of(user) -> Authenticator:
    new_codes(user)
    return Authenticator.objects.get(user=user, type="totp")


@pytest.mark.parametrize("make", [add_passkey, codes_of])
def test_the_last_one_cannot_be_removed(baker, browser, make):
    last = make(baker)
    assert remove(browser, last).status_code == 422
    assert list(Authenticator.objects.filter(user=baker)) == [last]


@pytest.mark.parametrize("make", [add_passkey, codes_of])
def test_recovery_codes_are_no_second_factor_of_their_own(baker, browser, make):
    last = make(baker)
    Authenticator.objects.create(user=baker, type="recovery_codes", data={})
    assert remove(browser, last).status_code == 422
    assert Authenticator.objects.filter(pk=last.pk).exists()


@pytest.mark.parametrize(("first", "other"), [(0, 1), (1, 0)])
def test_one_of_two_can_be_removed_and_the_other_one_not(baker, browser, first, other):
    both = [add_passkey(baker), codes_of(baker)]
    assert remove(browser, both[first]).status_code == 302
    assert remove(browser, both[other]).status_code == 422
    assert list(Authenticator.objects.filter(user=baker)) == [both[other]]


def test_of_two_passkeys_the_first_can_be_removed_and_the_second_not(baker, browser):
    phone, stick = add_passkey(baker), add_passkey(baker, "Stick")
    assert remove(browser, phone).status_code == 302
    assert remove(browser, stick).status_code == 422
    assert list(Authenticator.objects.filter(user=baker)) == [stick]


def test_the_page_says_so_before_anybody_presses(baker, browser):
    last = add_passkey(baker)
    page = browser.get(reverse("mfa_remove_webauthn", args=[last.pk]))
    assert "Add another one first." in page.content.decode()
    assert "Remove it" not in page.content.decode()
    other = add_passkey(baker, "Stick")
    page = browser.get(reverse("mfa_remove_webauthn", args=[other.pk]))
    assert "Remove it" in page.content.decode()


@pytest.mark.parametrize("make", [add_passkey, codes_of])
def test_a_shopper_may_remove_the_last_one(make):
    shopper, browser = make_account(), Shopper()
    log_in(browser, shopper.email)
    show_second_factor(browser, shopper)
    assert remove(browser, make(shopper)).status_code == 302
    assert not Authenticator.objects.exists()


def test_whoever_has_lost_all_sets_one_up_before_any_staff_page(baker):
    """As when another of the staff takes them away in the admin."""
    new_codes(baker)
    Authenticator.objects.all().delete()
    browser = Shopper()
    log_in(browser, EMAIL)
    for path in ("/staff/", "/admin/", "/admin/shop/order/"):
        answer = browser.get(path)
        assert answer.status_code == 302
        assert answer.url.startswith(f"{INDEX}?next=")
