"""Logging in and out, one door for everybody."""

import pytest
from django.test import Client
from django.urls import reverse

from shop.models import User
from shop.roles import BAKER
from tests.shop.accounts.people import (
    LOG_IN,
    PASSWORD,
    is_logged_in,
    log_in,
    make_account,
)
from tests.shop.make import make_user
from tests.shop.shopper import Shopper
from tests.shop.staffing import make_staff

pytestmark = pytest.mark.django_db


def test_a_shopper_logs_in_by_email_in_any_case_and_goes_on():
    make_account("ssoni@example.com")
    browser = Shopper()
    answer = log_in(browser, "Ssoni@Example.com", to="/basket/")
    assert (answer.status_code, answer.url) == (302, "/basket/")
    assert is_logged_in(browser)


def test_without_a_page_in_mind_shoppers_come_to_their_account():
    make_account()
    assert log_in(Shopper(), "ssoni@example.com").url == "/account/"


def test_people_who_work_here_come_to_the_staff_pages():
    make_account("mina@bakery.example", is_staff=True)
    answer = log_in(Shopper(), "mina@bakery.example")
    assert answer.url == reverse("staff:dashboard")


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil"],
)
def test_a_foreign_next_page_leads_to_the_account(elsewhere):
    make_account()
    assert log_in(Shopper(), "ssoni@example.com", to=elsewhere).url == "/account/"


def test_a_wrong_password_an_unknown_and_a_closed_account_read_the_same():
    make_account("ssoni@example.com")
    make_account("gone@example.com", is_active=False)
    answers = [
        log_in(Shopper(), "ssoni@example.com", "wrong wrong wrong"),
        log_in(Shopper(), "nobody@example.com"),
        log_in(Shopper(), "gone@example.com"),
    ]
    for answer in answers:
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "<title>Error: Log in" in page
        assert "We do not know this e-mail address and password together." in page
        assert PASSWORD not in page
        assert answer["Cache-Control"] == "private, no-store"


def test_the_typed_address_is_kept_and_the_password_is_not():
    page = log_in(Shopper(), "mina@bakery.example").content.decode()
    assert 'value="mina@bakery.example"' in page
    assert PASSWORD not in page


def test_empty_fields_say_what_to_enter():
    answer = log_in(Shopper(), "", "")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Enter your e-mail address." in page
    assert "Enter your password." in page


@pytest.mark.parametrize("email", ["a\x00b@x.ie", "a@" + "x" * 300 + ".ie", "ä@ö", "@"])
def test_an_odd_address_is_no_error_of_ours(email):
    assert log_in(Shopper(), email).status_code == 422


def test_an_unconfirmed_account_is_told_to_look_at_its_mail():
    make_user(email="new@example.com", password=PASSWORD)
    browser = Shopper()
    answer = log_in(browser, "new@example.com")
    assert answer.url == reverse("account_email_verification_sent")
    assert not is_logged_in(browser)


def test_logging_in_gives_the_session_a_new_key():
    make_account()
    browser = Shopper()
    browser.get(LOG_IN)
    session = browser.session
    session["planted"] = 1
    session.save()
    planted = session.session_key
    browser.cookies["session"] = planted
    log_in(browser, "ssoni@example.com")
    assert browser.session.session_key != planted


@pytest.mark.parametrize(("is_staff", "hours"), [(False, 14 * 24), (True, 12)])
def test_a_log_in_ends_at_a_fixed_moment(is_staff, hours):
    make_account(is_staff=is_staff)
    browser = Shopper()
    log_in(browser, "ssoni@example.com")
    first = browser.session.get_expiry_date()
    seconds = browser.session.get_expiry_age()
    assert hours * 3600 - 60 < seconds <= hours * 3600
    session = browser.session
    session["used"] = "again"
    session.save()
    assert browser.session.get_expiry_date() == first


def test_logging_out_takes_a_press_and_ends_the_session_everywhere():
    make_account()
    browser = Shopper()
    log_in(browser, "ssoni@example.com")
    elsewhere = Client()
    elsewhere.cookies = browser.cookies.copy()
    assert browser.get(reverse("account_logout")).status_code == 200
    assert is_logged_in(browser)
    assert browser.post(reverse("account_logout")).url == "/"
    assert not is_logged_in(browser)
    answer = elsewhere.get(reverse("account_change_password"))
    assert answer.status_code == 302
    assert LOG_IN in answer.url


# --- the staff's addresses ----------------------------------------------------------


@pytest.mark.parametrize("page", ["/staff/login/", "/admin/login/"])
def test_the_staffs_log_in_pages_lead_to_the_one_door(page):
    answer = Client().get(f"{page}?next=/staff/packing/")
    assert answer.url == f"{LOG_IN}?next=/staff/packing/"
    assert Client().get(page).url == f"{LOG_IN}?next=/staff/"
    assert Client().get(f"{page}?next=//evil.example/").url == f"{LOG_IN}?next=/staff/"


@pytest.mark.parametrize("page", ["/staff/logout/", "/admin/logout/"])
def test_the_staffs_log_out_takes_a_press(page):
    staff = make_staff(BAKER, email="mina@bakery.example", password=PASSWORD)
    browser = Client()
    browser.force_login(User.objects.get(pk=staff.pk))
    assert browser.get(page).status_code == 405
    assert is_logged_in(browser)
    assert browser.post(page).url == "/staff/login/"
    assert not is_logged_in(browser)
