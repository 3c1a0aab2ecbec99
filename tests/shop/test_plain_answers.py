"""What nearly every press is answered with: put together once, the same as Django's."""

from __future__ import annotations

import re

import pytest
from django.core import signing
from django.http import HttpResponse
from django.test import RequestFactory, override_settings
from django.urls import NoReverseMatch, get_script_prefix, path, set_script_prefix
from django.views.decorators import cache

from shop.addresses import address_of
from shop.views import told
from shop.views.basket_answer import see_other
from shop.views.uncached import never_cache

urlpatterns = [path("elsewhere/&/", lambda request: None, name="somewhere")]
SECRET = "another key of at least fifty characters, for this test only"


@pytest.fixture
def prefix():
    before = get_script_prefix()
    yield set_script_prefix
    set_script_prefix(before)


# --- addresses -----------------------------------------------------------------------


def test_addresses_follow_where_the_shop_lies(prefix):
    assert address_of("shop:basket") == "/basket/"
    prefix("/bakery/")
    assert address_of("shop:basket") == "/bakery/basket/"


def test_addresses_follow_the_list_of_pages():
    with pytest.raises(NoReverseMatch):
        address_of("somewhere")
    with override_settings(ROOT_URLCONF=__name__):
        assert address_of("somewhere") == "/elsewhere/&/"


def test_a_press_leads_on_by_303():
    response = see_other("shop:basket", query="#pick-up")
    assert (response.status_code, response["Location"]) == (303, "/basket/#pick-up")
    response = see_other("shop:order", "s3cret")
    assert (response.status_code, response["Location"]) == (303, "/order/s3cret/")


# --- kept by nobody ------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"Cache-Control": "no-transform"},
        {"Cache-Control": "public, max-age=60"},
        {"Expires": "Mon, 23 Nov 2026 15:31:32 GMT"},
    ],
)
def test_a_page_that_nobody_keeps_has_django_s_headers(said):
    def view(request, word):
        return HttpResponse(word, headers=said)

    ours, django_s = (
        decorated(view)(RequestFactory().get("/"), "hello")
        for decorated in (never_cache, cache.never_cache)
    )
    assert ours.content == b"hello"
    assert _at_any_time(ours) == _at_any_time(django_s)
    assert "Expires" in ours


def _at_any_time(response: HttpResponse) -> dict[str, str]:
    time = re.compile(r"\d\d:\d\d:\d\d")
    return {name: time.sub("now", value) for name, value in response.items()}


# --- what the last press did ---------------------------------------------------------


def heard(value: str | None) -> dict:
    request = RequestFactory().get("/basket/")
    if value is not None:
        request.COOKIES[told.COOKIE_NAME] = value
    return told.told(request)


def said(**facts: str) -> str:
    response = HttpResponse()
    told.tell(response, "added", **facts)
    return response.cookies[told.COOKIE_NAME].value


def test_what_was_told_is_signed_as_other_releases_sign_it():
    """Both kinds of server answer the same shoppers during a deploy."""
    facts = {"kind": "added", "name": "Rye"}
    assert signing.loads(said(name="Rye"), salt=told.SALT, max_age=60) == facts
    assert heard(signing.dumps(facts, salt=told.SALT)) == facts


@pytest.mark.parametrize("value", [None, "", "nonsense", signing.dumps(["a"])])
def test_who_was_told_nothing_hears_nothing(value):
    assert heard(value) == {}


def test_a_new_key_is_used_at_once_and_the_former_one_still_believed(settings):
    before = said(name="Rye")
    former, settings.SECRET_KEY = settings.SECRET_KEY, SECRET
    assert heard(before) == {}
    assert heard(said(name="Spelt"))["name"] == "Spelt"
    assert said(name="Rye").rpartition(":")[2] != before.rpartition(":")[2]
    settings.SECRET_KEY_FALLBACKS = [former]
    assert heard(before)["name"] == "Rye"


def test_what_is_too_long_for_a_cookie_is_left_out():
    assert heard(said(name="Rye", back="/" + "x" * told.LONGEST)) == {
        "kind": "added",
        "name": "Rye",
    }
