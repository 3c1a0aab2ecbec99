from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from basket.exceptions import ForeignOrigin
from basket.origin import same_origin_post
from tests.basket.conftest import make_browser

HOST = "bakery.example"
OURS = "https://bakery.example"
THEIRS = "https://evil.example"


@same_origin_post
def view(request, word="done"):
    """The view's own words."""
    return HttpResponse(word)


def send(method="post", *, secure=True, host=HOST, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    send_it = getattr(RequestFactory(), method)
    return view(send_it("/", secure=secure, headers={"host": host} | named))


@pytest.fixture(autouse=True)
def _site(settings):
    settings.SITE_URL = OURS
    settings.ALLOWED_HOSTS = ["*"]


ALLOWED = [
    {"sec_fetch_site": "same-origin"},
    {"sec_fetch_site": "same-origin", "origin": OURS},
    # A strict referrer policy makes browsers hide the origin even from ourselves.
    {"sec_fetch_site": "same-origin", "origin": "null"},
    {"sec_fetch_site": "none"},
    {"sec_fetch_site": "none", "origin": OURS},
    {"origin": OURS},
    {"origin": "https://bakery.example:443"},
    {"origin": "HTTPS://Bakery.Example"},
]
REFUSED = [
    {},
    {"sec_fetch_site": "cross-site"},
    {"sec_fetch_site": "cross-site", "origin": OURS},
    {"sec_fetch_site": "same-site"},
    {"sec_fetch_site": "same-site", "origin": OURS},
    {"sec_fetch_site": "none", "origin": THEIRS},
    {"sec_fetch_site": "none", "origin": "null"},
    {"sec_fetch_site": ""},
    {"sec_fetch_site": "", "origin": OURS},
    {"sec_fetch_site": "Same-Origin "},
    {"sec_fetch_site": "same-origin, cross-site"},
    {"sec_fetch_site": "\x00"},
    {"origin": THEIRS},
    {"origin": ""},
    {"origin": "null"},
    {"origin": HOST},
    {"origin": "http://bakery.example"},
    {"origin": "https://bakery.example:8443"},
    {"origin": "https://bakery.example.evil.example"},
    {"origin": "https://evil.example/https://bakery.example"},
    {"origin": "https://evil-bakery.example"},
    {"origin": "https://bakery.example:port"},
    {"origin": "https://[bakery.example"},
    {"origin": "https://"},
    {"referer": OURS},
]


@pytest.mark.parametrize("headers", ALLOWED, ids=str)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_our_own_pages_may_ask_for_changes(method, headers):
    assert send(method, **headers).content == b"done"


@pytest.mark.parametrize("headers", REFUSED, ids=str)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nobody_else_may(method, headers):
    with pytest.raises(ForeignOrigin):
        send(method, **headers)


@pytest.mark.parametrize("headers", ALLOWED + REFUSED, ids=str)
@pytest.mark.parametrize("method", ["get", "head", "options", "trace"])
def test_reading_is_open_to_all(method, headers):
    assert send(method, **headers).status_code == 200


def test_the_host_the_shopper_used_counts_as_ours():
    on_the_lan = {"secure": False, "host": "192.168.1.7:8000"}
    assert send(**on_the_lan, origin="http://192.168.1.7:8000").content == b"done"
    with pytest.raises(ForeignOrigin):
        send(**on_the_lan, origin="http://192.168.1.7")


def test_the_public_address_counts_as_ours_behind_a_balancer_that_ends_tls():
    assert send(secure=False, host="10.0.0.5", origin=OURS).content == b"done"


def test_the_view_keeps_its_name_its_words_and_its_arguments():
    assert view.__name__ == "view"
    assert view.__doc__ == "The view's own words."
    request = RequestFactory().post("/", headers={"sec-fetch-site": "same-origin"})
    assert view(request, word="more").content == b"more"
    assert view.csrf_exempt is True


@pytest.mark.django_db
def test_a_refused_change_answers_403_and_changes_nothing(shopper):
    shopper.get("/")
    # Whatever catches it or not: it is a PermissionDenied.
    foreign = {"sec-fetch-site": "cross-site"}
    assert shopper.post("/add/", {"item": "rye"}, headers=foreign).status_code == 403
    assert shopper.get("/contents/").json() == {}


@pytest.mark.django_db
def test_djangos_own_token_check_stays_on_for_every_other_view(small_shop):
    assert make_browser().post("/guarded/").status_code == 403
