from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.http.response import BadHeaderError

from shop.unchanging import Unchanging


def test_they_are_added_as_django_would_add_them():
    ours, djangos = HttpResponse("bread"), HttpResponse("bread")
    Unchanging({"X-Frame-Options": "DENY", "Expires": "never"}).add_to(ours)
    djangos.headers["X-Frame-Options"] = "DENY"
    djangos.headers["Expires"] = "never"
    assert list(ours.items()) == list(djangos.items())
    assert ours["x-frame-options"] == "DENY"
    assert ours.serialize() == djangos.serialize()


def test_what_was_said_already_stays():
    response = HttpResponse(headers={"x-frame-options": "SAMEORIGIN"})
    Unchanging({"X-Frame-Options": "DENY"}).add_to(response)
    assert response["X-Frame-Options"] == "SAMEORIGIN"


def test_a_change_at_one_response_is_no_change_at_the_next():
    headers, first, second = Unchanging({"Via": "us"}), HttpResponse(), HttpResponse()
    headers.add_to(first)
    headers.add_to(second)
    first["Via"] = "them"
    assert second["Via"] == "us"


def test_what_no_header_may_hold_is_refused_when_it_is_made():
    with pytest.raises(BadHeaderError):
        Unchanging({"Via": "us\r\nSet-Cookie: theirs"})
