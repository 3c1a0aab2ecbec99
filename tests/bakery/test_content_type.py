"""No charset that a request names reaches the part that would decode with it."""

from __future__ import annotations

import io

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.test import RequestFactory

from bakery.content_type import in_one_charset

FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=x"
# Codecs that are not for text, that yield halves of characters, and none at all.
CHARSETS = ["zip", "hex", "idna", "punycode", "undefined", "utf-7", "unicode_escape"]
HALF = b'--x\r\nContent-Disposition: form-data; name="sku"\r\n\r\n\\ud800+2AA-\r\n--x--'


def seen(content_type: str, body: bytes = b"") -> WSGIRequest:
    """The request that the application behind it gets."""
    environ = RequestFactory().post("/?q=caf%C3%A9%5Cud800").environ
    environ |= {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(len(body))}
    environ["wsgi.input"] = io.BytesIO(body)
    application = in_one_charset(lambda environ, _: WSGIRequest(environ))
    return application(environ, lambda *_: None)


@pytest.mark.parametrize("charset", [*CHARSETS, "no-such", '"', "utf-8"])
@pytest.mark.parametrize("form", ["{}; charset={}", "{}; CHARSET={}", "{}; a*={}''b"])
def test_everything_is_utf_8(form, charset):
    assert seen(form.format("text/html", charset)).GET["q"] == "café\\ud800"
    assert seen(form.format(FORM, charset), b"sku=%C3%A9").POST["sku"] == "é"
    assert seen(form.format(PARTS, charset), HALF).POST["sku"] == "\\ud800+2AA-"


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data; boundary=x",
        'multipart/form-data;charset=zip;boundary="x"',
        "multipart/form-data ; Boundary=x; charset=zip",
    ],
)
def test_the_boundary_is_kept(content_type):
    assert seen(content_type, HALF).POST["sku"] == "\\ud800+2AA-"


def test_a_request_without_a_type_has_none():
    assert seen("").content_type == ""
