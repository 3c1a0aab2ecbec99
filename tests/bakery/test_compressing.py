"""Pages of one shopper are compressed as Django would, only faster."""

from __future__ import annotations

import gzip

import pytest
from django.conf import settings
from django.http import HttpResponse, StreamingHttpResponse
from django.middleware.gzip import GZipMiddleware
from django.test import RequestFactory

from bakery.compressing import CompressionMiddleware, compressed

PAGE = b"<li>Baguette <a href='/product/baguette/'>again</a></li>" * 200
OURS = "bakery.compressing.CompressionMiddleware"


def answer(middleware, response, accepted="gzip, br"):
    request = RequestFactory().get("/", headers={"accept-encoding": accepted})
    return middleware(lambda _: response)(request)


def as_made(etag: str = "") -> HttpResponse:
    response = HttpResponse(PAGE, headers={"Content-Length": str(len(PAGE))})
    if etag:
        response["ETag"] = etag
    return response


def test_the_page_is_the_same_when_it_is_decompressed():
    found = answer(CompressionMiddleware, as_made())
    assert gzip.decompress(found.content) == PAGE
    assert found["Content-Encoding"] == "gzip"
    assert found["Content-Length"] == str(len(found.content))
    assert found["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("accepted", ["gzip, br", "br", ""])
@pytest.mark.parametrize(
    "make",
    [
        as_made,
        lambda: as_made('"strong"'),
        lambda: as_made('W/"weak"'),
        lambda: HttpResponse(b"short"),
        lambda: HttpResponse(PAGE[:250], headers={"Content-Encoding": "br"}),
        lambda: HttpResponse(bytes(range(256))),  # does not get shorter
    ],
    ids=["page", "strong", "weak", "short", "encoded", "dense"],
)
def test_all_but_the_length_is_as_with_djangos_own(make, accepted):
    ours, djangos = (
        answer(each, make(), accepted)
        for each in (CompressionMiddleware, GZipMiddleware)
    )
    own = {"Content-Length"}
    assert {k: v for k, v in ours.items() if k not in own} == {
        k: v for k, v in djangos.items() if k not in own
    }
    is_gzip = ours.get("Content-Encoding") == "gzip"
    undo = gzip.decompress if is_gzip else bytes
    assert undo(ours.content) == undo(djangos.content)


def test_what_is_streamed_is_streamed():
    found = answer(CompressionMiddleware, StreamingHttpResponse([PAGE, PAGE]))
    assert gzip.decompress(b"".join(found.streaming_content)) == PAGE * 2


def test_the_length_says_nothing_about_the_page():
    lengths = {len(compressed(PAGE, 100)) for _ in range(300)}
    assert len(lengths) > 50
    assert max(lengths) - min(lengths) <= 99


def test_the_shop_uses_it_where_djangos_own_would_stand():
    own = settings.MIDDLEWARE.index(OURS)
    assert settings.MIDDLEWARE[own + 1].endswith("ConditionalGetMiddleware")
    assert not any("gzip" in each for each in settings.MIDDLEWARE)
