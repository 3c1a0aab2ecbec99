"""The staff's pages ask for a log-in and for a second factor."""

import pytest
from django.test import Client

from shop.roles import BAKER
from tests.shop.make import make_user
from tests.shop.staffing import client_of, make_staff

pytestmark = pytest.mark.django_db


def test_nobody_is_sent_to_the_log_in_and_comes_back():
    answer = Client().get("/staff/bake-sheet/?date=2026-11-24")
    assert answer.url == "/staff/login/?next=/staff/bake-sheet/%3Fdate%3D2026-11-24"


def test_a_password_alone_opens_no_staff_page():
    client = Client()
    client.force_login(make_staff(BAKER))
    for page in ("/staff/", "/staff/bake-sheet/", "/admin/", "/admin/shop/product/"):
        answer = client.get(page)
        assert (answer.status_code, answer.url.partition("?")[0]) == (
            302,
            "/account/auth/2fa/",
        )


def test_with_the_second_factor_it_opens():
    assert client_of(make_staff(BAKER)).get("/staff/").status_code == 200


def test_a_customer_is_told_that_these_pages_are_not_theirs():
    assert client_of(make_user()).get("/staff/").status_code == 403


def test_logging_out_needs_no_second_factor():
    client = Client()
    client.force_login(make_staff(BAKER))
    assert client.post("/staff/logout/").url == "/staff/login/"
