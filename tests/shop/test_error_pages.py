"""Pages for what went wrong: the right status, a way on, nothing typed twice."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client, RequestFactory
from django.urls import reverse

from basket.exceptions import BasketIsClosed, BasketUnavailable, TooManyLines
from shop import search
from shop.exceptions import CheckoutError, TooManyHolds
from shop.network import network_of
from shop.views import errors
from tests.shop import make
from tests.shop.shopper import Shopper, hidden_fields, text, words

SITE = {"sec-fetch-site": "same-origin"}


class DatabaseAway:
    """Every query fails as it does when no server answers."""

    def __call__(self, execute, sql, params, many, context):
        raise OperationalError("connection refused")


@pytest.fixture
def database_away():
    with connection.execute_wrapper(DatabaseAway()):
        yield


def request_for(method: str = "GET", **headers: str):
    factory = RequestFactory(headers=headers)
    request = getattr(factory, method.lower())("/basket/")
    request.basket = None
    return request


# --- 404 ---------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_missing_page_offers_search_and_categories():
    make.make_product(category=make.make_category(name="Breads"))
    page = Client().get("/no-such-page/")
    assert page.status_code == 404
    assert 'action="/search/"' in words(page)
    assert "Breads" in text(page)


@pytest.mark.django_db
def test_a_misspelt_product_suggests_the_right_one():
    bread = make.make_product(name="Milk bread", slug="milk-bread")
    search.index_products()
    page = Client().get("/product/milk-bred/")
    assert page.status_code == 404
    assert f'href="{bread.get_absolute_url()}"' in words(page)
    assert 'value="milk bred"' in words(page)


@pytest.mark.django_db
def test_a_missing_page_needs_no_database(database_away):
    page = Client().get("/no-such-page/")
    assert page.status_code == 404
    assert 'action="/search/"' in words(page)
    page = errors.not_found(RequestFactory().get("/product/milk-bred/"), Exception())
    assert page.status_code == 404
    assert 'action="/search/"' in words(page)


# --- 503 and 500 -------------------------------------------------------------------


@pytest.mark.django_db
def test_a_page_without_the_database_is_503_with_retry_after(database_away):
    page = Shopper().get("/basket/")
    assert page.status_code == 503
    assert page["Retry-After"] == "5"
    assert page["Cache-Control"] == "no-store"
    assert "Your basket is safe" in text(page)


@pytest.mark.django_db
def test_a_press_without_the_database_can_be_pressed_again(database_away):
    page = Shopper().post("/basket/lines/", {"sku": "milk-bread", "quantity": "2"})
    assert page.status_code == 503
    assert page["Retry-After"] == "5"
    assert hidden_fields(page)["sku"] == "milk-bread"
    assert hidden_fields(page)["quantity"] == "2"


@pytest.mark.django_db
def test_a_press_of_the_script_without_the_database_is_json(database_away):
    page = Shopper().press("/basket/lines/", {"sku": "x"}, **{"X-Fragment": "add"})
    assert page.status_code == 503
    assert page.json()["ok"] is False


def test_a_broken_page_needs_nothing():
    page = errors.server_error(request_for())
    assert page.status_code == 500
    assert b"your basket is safe" in page.content


def test_a_broken_page_is_503_when_it_was_the_database():
    try:
        raise OperationalError("gone")
    except OperationalError:
        page = errors.server_error(request_for())
    assert (page.status_code, page["Retry-After"]) == (503, "5")


def test_a_request_that_makes_no_sense_is_400():
    page = errors.bad_request(request_for(), Exception())
    assert page.status_code == 400


@pytest.mark.parametrize("status", ["400", "500", "503"])
def test_the_static_pages_hold_no_template_tag_and_no_inline_code(status):
    page = (settings.BASE_DIR / f"bakery/templates/{status}.html").read_text()
    for forbidden in ("{%", "{{", "<script", "style=", "<style"):
        assert forbidden not in page
    assert "http-equiv" not in page, "a page that moves by itself moves too soon"


# --- refusals as pages -------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (CheckoutError("That day is full."), 409, "That day is full."),
        (TooManyHolds("Too many at once."), 429, "Too many at once."),
        (TooManyLines(100), 422, "At most 100 different things fit into the basket."),
        (BasketIsClosed("next"), 422, "This basket has been ordered already."),
    ],
)
def test_each_refusal_is_a_page_with_its_sentence(error, status, sentence):
    page = errors.page_for(request_for(), error)
    assert page.status_code == status
    assert sentence in text(page)
    assert "Nothing was changed." in text(page)


@pytest.mark.django_db
def test_a_basket_that_does_not_answer_is_503():
    page = errors.page_for(request_for(), BasketUnavailable())
    assert (page.status_code, page["Retry-After"]) == (503, "5")


@pytest.mark.django_db
def test_too_many_holds_say_when_to_try_again():
    page = errors.page_for(request_for(), TooManyHolds("Too many at once."))
    assert page["Retry-After"] == "300"


def test_other_errors_are_not_ours():
    assert errors.page_for(request_for(), ValueError("a mistake")) is None


# --- 403: foreign origin, lost token -----------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {},
    ],
    ids=["cross-site", "same-site", "foreign", "null", "neither"],
)
@pytest.mark.parametrize(
    "path", ["/basket/lines/", "/basket/line/", "/basket/pick-up/", "/checkout/"]
)
def test_a_post_of_another_site_changes_nothing_and_can_be_pressed_again(headers, path):
    shopper = Shopper()
    variant = make.make_variant()
    fields = {"sku": variant.sku, "quantity": "2", "note": '"><b>bold'}
    page = shopper.post(path, fields, headers=headers)
    assert page.status_code == 403
    assert "Please press the button again" in text(page)
    assert f'action="{path}"' in words(page)
    offered = hidden_fields(page)
    assert {name: offered[name] for name in fields} == fields
    assert shopper.pieces() == {}


@pytest.mark.django_db
def test_pressing_again_on_that_page_does_it():
    shopper = Shopper()
    variant = make.make_variant()
    page = shopper.post(
        "/basket/lines/",
        {"sku": variant.sku, "quantity": "2"},
        headers={"origin": "https://evil.example"},
    )
    assert shopper.post("/basket/lines/", hidden_fields(page)).status_code == 303
    assert shopper.pieces() == {variant.sku: 2}


@pytest.mark.django_db
def test_a_form_without_its_token_can_be_pressed_again_but_gives_no_password_back():
    client = Client(enforce_csrf_checks=True)
    login = reverse("staff:login")
    page = client.post(login, {"username": "owner@x.ie", "password": "milk at dawn"})
    assert page.status_code == 403
    assert "Please press the button again" in text(page)
    assert "milk at dawn" not in words(page)
    assert f'href="{login}"' in words(page)


@pytest.mark.django_db
def test_a_forged_referrer_link_in_the_path_is_escaped():
    page = Shopper().post(
        '/basket/lines/?a="><script>alert(1)</script>', {"sku": "x"}, headers={}
    )
    assert page.status_code == 403
    assert "<script>alert" not in words(page)


# --- the shopper's network ---------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("203.0.113.1", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.0/24"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        ("nonsense", "unknown"),
    ],
)
def test_neighbours_share_a_network(address, network):
    request = RequestFactory().get("/", REMOTE_ADDR=address)
    assert network_of(request) == network


def test_a_forwarded_header_is_not_believed():
    request = RequestFactory().get(
        "/", REMOTE_ADDR="203.0.113.77", headers={"x-forwarded-for": "10.0.0.1"}
    )
    assert network_of(request) == "203.0.113.0/24"
