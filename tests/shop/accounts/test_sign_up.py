"""Making an account, confirming its address, and what nobody can learn by trying."""

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import mail
from django.db import IntegrityError
from django.urls import reverse

from shop.accounts.claims import claim_orders
from shop.models import Customer, User
from tests.shop.accounts.people import (
    PASSWORD,
    deliver,
    is_logged_in,
    link_in,
    log_in,
    make_account,
)
from tests.shop.make import make_customer, make_order, make_user
from tests.shop.shopper import Shopper

pytestmark = pytest.mark.django_db

SIGN_UP = "/account/auth/signup/"
SENT = "/account/auth/confirm-email/"


def sign_up(browser, email="ssoni@example.com", password=PASSWORD):
    return browser.post(SIGN_UP, {"email": email, "password1": password})


def test_from_sign_up_by_the_mails_link_into_the_account():
    browser = Shopper()
    assert sign_up(browser, "Ssoni@Example.com").url == SENT
    assert not is_logged_in(browser)
    assert mail.outbox == []  # nothing leaves inside the request
    [message] = deliver()
    assert message.to == ["ssoni@example.com"]
    assert f"{settings.SITE_URL}/account/auth/confirm-email/" in message.body
    assert "<a href=" in message.alternatives[0].content
    page = browser.get(link_in(message))
    assert "Is this your address?" in page.content.decode()
    assert browser.post(link_in(message)).url == "/account/"
    assert is_logged_in(browser)
    assert EmailAddress.objects.get().verified


def test_the_link_works_on_another_device_which_then_has_to_log_in():
    sign_up(Shopper())
    phone = Shopper()
    answer = phone.post(link_in(deliver()[0]))
    assert answer.url == "/account/auth/login/"
    assert not is_logged_in(phone)
    assert log_in(phone, "ssoni@example.com").url == "/account/"


def test_a_link_with_another_host_in_the_request_leads_to_the_shop():
    Shopper().post(
        SIGN_UP,
        {"email": "ssoni@example.com", "password1": PASSWORD},
        headers={"host": "evil.example", "sec-fetch-site": "same-origin"},
    )
    assert "evil.example" not in deliver()[0].body


def test_an_address_with_an_account_gets_the_same_answer_and_a_mail_of_its_own():
    make_account("ssoni@example.com")
    known, unknown = Shopper(), Shopper()
    answers = sign_up(known, "ssoni@example.com"), sign_up(unknown, "new@example.com")
    facts = [
        (each.status_code, each.url, sorted(each.cookies), each.content)
        for each in answers
    ]
    assert facts[0] == facts[1]
    pages = [each.get(SENT).content for each in (known, unknown)]
    assert pages[0] == pages[1]
    assert [message.subject for message in deliver()] == [
        "You have an account already",
        "Please confirm your address",
    ]
    assert User.objects.count() == 2
    assert User.objects.get(email="ssoni@example.com").check_password(PASSWORD)


def test_two_sign_ups_of_one_address_at_the_same_moment_are_one_account(monkeypatch):
    """The rival's row comes between the look and the insert."""
    from shop.accounts.adapter import AccountAdapter

    def rival_first(self, request, user, form, commit=True):
        if not User.objects.filter(email="ssoni@example.com").exists():
            make_user(email="ssoni@example.com")
            raise IntegrityError("a rival was first")
        return user

    monkeypatch.setattr(AccountAdapter, "save_user", rival_first)
    assert sign_up(Shopper()).url == SENT


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("short", "at least 12 characters"),
        ("password1234", "too common"),
        ("FaduBakery2026", "mostly the shop"),
        ("b" * 129, "at most 128"),
        ("ssoni@example.com", "too similar"),
        ("", "Enter your password."),
    ],
)
def test_a_poor_password_is_refused_and_the_address_kept(password, says):
    answer = sign_up(Shopper(), password=password)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert says in page
    assert 'value="ssoni@example.com"' in page
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "password", ["x Y" * 42, "Sauerteig für Großmütter ☕", " a " * 5]
)
def test_long_odd_and_spaced_passwords_are_taken_as_they_are(password):
    browser = Shopper()
    assert sign_up(browser, password=password).url == SENT
    browser.post(link_in(deliver()[0]))
    assert log_in(Shopper(), "ssoni@example.com", password).url == "/account/"


# --- what is claimed ---------------------------------------------------------------


def test_guest_orders_come_into_the_account_with_the_confirmed_address():
    guest = make_customer(email="ssoni@example.com")
    order = make_order(customer=guest, email="ssoni@example.com")
    browser = Shopper()
    sign_up(browser)
    guest.refresh_from_db()
    assert guest.user is None  # anybody can type anybody's address
    browser.post(link_in(deliver()[0]))
    assert order.customer.email == "ssoni@example.com"
    assert Customer.objects.get(user__email="ssoni@example.com").orders.get() == order


def test_a_second_address_brings_its_orders_to_the_same_customer():
    user = make_account("old@example.com")
    mine = claim_orders(user, "old@example.com")
    first = make_order(customer=mine)
    second = make_order(customer=make_customer(email="new@example.com"))
    assert claim_orders(user, "new@example.com") == mine
    assert set(mine.orders.all()) == {first, second}
    assert Customer.objects.get().email == "new@example.com"


def test_somebody_elses_customer_is_never_taken():
    theirs = make_customer(email="x@example.com", user=make_user())
    mine = claim_orders(make_account("me@example.com"), "me@example.com")
    assert claim_orders(mine.user, "x@example.com") == mine
    theirs.refresh_from_db()
    assert theirs.user != mine.user
    assert Customer.objects.count() == 2


# --- the link ----------------------------------------------------------------------


@pytest.mark.parametrize("key", ["anything", "MQ:1abc:def", "a" * 300])
def test_a_link_that_was_made_up_says_so(key):
    answer = Shopper().get(reverse("account_confirm_email", args=[key]))
    assert "This link is too old" in answer.content.decode()
    post = Shopper().post(reverse("account_confirm_email", args=[key]))
    assert post.status_code == 404
