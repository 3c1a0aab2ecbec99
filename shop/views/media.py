"""Pictures from the shared storage, and drawings for products without one.

Cached by anyone: a picture for ever, since its name is made from its content; a
drawing for a day. A person's picture is cached by browsers only. None asks who is
looking. While the storage is away, a product's drawing stands in for its picture.
"""

from __future__ import annotations

import re

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import condition, require_safe

from shop import picture_store
from shop.exceptions import PicturesAway
from shop.initials import draw_initials, initials_of
from shop.models import Picture, Product, ProfilePicture
from shop.svg_breads import draw

PICTURE = re.compile(
    r"(?P<folder>pictures|people)/(?P<digest>[0-9a-f]{32})-\d{1,4}"
    r"\.(?P<ending>avif|webp|jpg)"
)
DRAWING = re.compile(r"drawn/(?P<slug>[-a-zA-Z0-9_]{1,50})\.svg")
TYPES = {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg"}
FOR_EVER = "public, max-age=31536000, immutable"
FOR_EVER_IN_A_BROWSER = "private, max-age=31536000, immutable"
FOR_A_DAY = "public, max-age=86400"
NOT_AT_ALL = "no-store"
# Opened on its own, a file from here may do nothing at all.
NOTHING_ALLOWED = (
    "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


@require_safe
def media(request: HttpRequest, name: str) -> HttpResponse:
    """The file of this name; 404 for every name that is not one of ours.

    No query for a picture, one for a drawing.
    """
    if picture := PICTURE.fullmatch(name):
        return _picture_or_stand_in(request, picture)
    if drawing := DRAWING.fullmatch(name):
        return _drawing(drawing["slug"])
    raise Http404("There is no such file.")


def _picture_or_stand_in(request: HttpRequest, name: re.Match[str]) -> HttpResponse:
    is_person = name["folder"] == "people"
    try:
        response = _picture(request, name[0], name["ending"])
    except FileNotFoundError as error:
        raise Http404("There is no such picture.") from error
    except PicturesAway:
        stand_in = _person if is_person else _product
        return _svg(stand_in(name["digest"]), NOT_AT_ALL)
    return _guarded(response, FOR_EVER_IN_A_BROWSER if is_person else FOR_EVER)


def _tag(request: HttpRequest, name: str, ending: str) -> str:
    """The name stands for the content: whoever sends it has the file already."""
    return f'"{name.rpartition("/")[2]}"'


@condition(etag_func=_tag)
def _picture(request: HttpRequest, name: str, ending: str) -> HttpResponse:
    return HttpResponse(picture_store.read(name), content_type=TYPES[ending])


def _product(digest: str) -> str:
    pictures = Picture.objects.filter(digest=digest, product__isnull=False)
    shown = pictures.select_related("product__category").first()
    return _drawn(shown.product) if shown else draw(digest, "")


def _person(digest: str) -> str:
    shown = ProfilePicture.objects.filter(digest=digest).select_related("user").first()
    return draw_initials(initials_of(shown.user) if shown else "")


def _drawing(slug: str) -> HttpResponse:
    product = Product.objects.filter(slug=slug).select_related("category").first()
    if product is None:
        raise Http404("There is no such product.")
    return _svg(_drawn(product), FOR_A_DAY)


def _drawn(product: Product) -> str:
    return draw(product.slug, f"{product.name} {product.category.name}")


def _svg(drawing: str, caching: str) -> HttpResponse:
    return _guarded(HttpResponse(drawing, content_type="image/svg+xml"), caching)


def _guarded(response: HttpResponse, caching: str) -> HttpResponse:
    response["Cache-Control"] = caching
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = NOTHING_ALLOWED
    return response
