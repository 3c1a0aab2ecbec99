"""Logging in and out."""

import pytest
from django.urls import reverse

from shop.roles import BAKER
from tests.shop.make import make_user
from tests.shop.staffing import client_of, make_staff

pytestmark = pytest.mark.django_db

LOGIN = "/staff/login/"
PASSWORD = "milk bread at dawn"


def post(client, email, password=PASSWORD, next_page=""):
    facts = {"username": email, "password": password, "next": next_page}
    return client.post(LOGIN, facts)


def is_logged_in(client):
    return "_auth_user_id" in client.session


def test_staff_log_in_by_email_in_any_case_and_go_where_they_wanted(client):
    baker = make_staff(BAKER)
    answer = post(client, baker.email.upper(), next_page="/staff/bake-sheet/")
    assert (answer.status_code, answer.url) == (302, "/staff/bake-sheet/")
    assert is_logged_in(client)


def test_without_a_page_in_mind_they_come_to_the_dashboard(client):
    answer = post(client, make_staff(BAKER).email)
    assert answer.url == reverse("staff:dashboard")


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil"],
)
def test_a_foreign_next_page_leads_to_the_dashboard(client, elsewhere):
    answer = post(client, make_staff(BAKER).email, next_page=elsewhere)
    assert answer.url == reverse("staff:dashboard")


def test_a_wrong_password_an_unknown_address_and_a_customer_read_the_same(client):
    make_staff(BAKER, email="baker@bakery.example")
    make_user(email="shopper@bakery.example")
    make_staff(BAKER, email="gone@bakery.example", is_active=False)
    answers = [
        post(client, "baker@bakery.example", "wrong"),
        post(client, "nobody@bakery.example"),
        post(client, "shopper@bakery.example"),
        post(client, "gone@bakery.example"),
    ]
    for answer in answers:
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "<title>Error: Log in" in page
        assert "We do not know this e-mail address and password together." in page
        assert PASSWORD not in page
    assert not is_logged_in(client)


def test_the_typed_address_is_kept_after_a_mistake(client):
    page = post(client, "mina@bakery.example").content.decode()
    assert 'value="mina@bakery.example"' in page


def test_empty_fields_say_what_to_enter(client):
    page = post(client, "", "").content.decode()
    assert "Enter your e-mail address." in page
    assert "Enter your password." in page


def test_an_address_with_a_null_sign_is_no_error_of_ours(client):
    assert post(client, "a\x00b@bakery.example").status_code == 422


def test_logging_out_takes_a_press(client):
    client = client_of(make_staff(BAKER))
    assert client.get("/staff/logout/").status_code == 405
    assert is_logged_in(client)
    assert client.post("/staff/logout/").url == LOGIN
    assert not is_logged_in(client)
