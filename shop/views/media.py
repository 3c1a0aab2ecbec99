"""Pictures from the shared storage, and drawings for products without one.

Cached by anyone: a picture for ever, since its name is made from its content; a
drawing for a day. Neither asks who is looking.
"""

from __future__ import annotations

import re

from django.core.files.storage import default_storage
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
)
from django.views.decorators.http import condition, require_safe

from shop.models import Product
from shop.svg_breads import draw

PICTURE = re.compile(r"pictures/(?P<name>[0-9a-f]{32}-\d{1,4})\.(?P<ending>[a-z]{3,4})")
DRAWING = re.compile(r"drawn/(?P<slug>[-a-zA-Z0-9_]{1,50})\.svg")
TYPES = {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg"}
FOR_EVER = "public, max-age=31536000, immutable"
FOR_A_DAY = "public, max-age=86400"
# Opened on its own, a file from here may do nothing at all.
NOTHING_ALLOWED = "default-src 'none'; sandbox"


@require_safe
def media(request: HttpRequest, name: str) -> HttpResponseBase:
    """The file of this name; 404 for every name that is not one of ours.

    No query for a picture, one for a drawing.
    """
    if picture := PICTURE.fullmatch(name):
        if picture["ending"] in TYPES:
            response = _picture(request, name, picture["ending"])
            return _guarded(response, FOR_EVER)
    elif drawing := DRAWING.fullmatch(name):
        return _drawing(request, drawing["slug"])
    raise Http404("There is no such file.")


def _tag(request: HttpRequest, name: str, ending: str) -> str:
    """The name stands for the content: whoever sends it has the file already."""
    return f'"{name.rpartition("/")[2]}"'


@condition(etag_func=_tag)
def _picture(request: HttpRequest, name: str, ending: str) -> HttpResponseBase:
    try:
        file = default_storage.open(name)
    except FileNotFoundError as error:
        raise Http404("There is no such picture.") from error
    return FileResponse(file, content_type=TYPES[ending])


def _drawing(request: HttpRequest, slug: str) -> HttpResponseBase:
    product = Product.objects.filter(slug=slug).select_related("category").first()
    if product is None:
        raise Http404("There is no such product.")
    svg = draw(slug, f"{product.name} {product.category.name}")
    return _guarded(HttpResponse(svg, content_type="image/svg+xml"), FOR_A_DAY)


def _guarded(response: HttpResponseBase, caching: str) -> HttpResponseBase:
    response["Cache-Control"] = caching
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = NOTHING_ALLOWED
    return response
