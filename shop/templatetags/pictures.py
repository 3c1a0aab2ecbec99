"""Pictures and icons: {% picture product.picture sizes="50vw" %}, {% icon "leaf" %}."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django import template
from django.template.loader import get_template
from django.templatetags.static import static
from django.urls import get_script_prefix
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from shop.linked_data import absolute
from shop.models import Picture
from shop.once import once
from shop.pictures import endings_of, picture_url, picture_widths
from shop.svg_breads import drawn_url
from shop.templatetags.addresses import file_address

register = template.Library()

# The studio's four backdrops; a picture's main colour goes to the nearest. A class,
# since the pages allow no inline style.
TINTS = {
    "sand": (0xD8, 0xCC, 0xB5),
    "sage": (0xCC, 0xCA, 0xB4),
    "blush": (0xDB, 0xC9, 0xB7),
    "oat": (0xDA, 0xD1, 0xBD),
}
CARD_SIZES = "(min-width: 78rem) 19rem, (min-width: 36rem) 33vw, 50vw"


class Shown(NamedTuple):
    """All of a picture that its element is made of."""

    digest: str
    width: int
    height: int
    has_all_formats: bool


class Place(NamedTuple):
    """Where and how a picture is shown."""

    alt: SafeString  # else a safe text would be taken for an equal one that is not
    sizes: str
    width: int
    eager: bool
    first: bool
    drawn: str


@register.simple_tag
def picture(
    shown: Picture | None,
    *,
    sizes: str = CARD_SIZES,
    width: int = 800,
    eager: bool = False,
    first: bool = False,
    alt: str | None = None,
    drawn: str = "",
) -> SafeString:
    """A <picture> in three formats; without one, the drawing for the slug `drawn`.

    `width` is the widest file offered. `eager` loads at once, `first` is the page's
    largest picture and loads before everything else.
    """
    if shown is None:
        words = conditional_escape(alt or "")
        place = Place(words, "", 0, bool(eager or first), bool(first), drawn)
        return _element(None, place, get_script_prefix())
    words = conditional_escape(shown.alt if alt is None else alt)
    place = Place(words, sizes, width, bool(eager or first), bool(first), "")
    return _element(_shown(shown), place, get_script_prefix())


@once
def _element(shown: Shown | None, place: Place, prefix: str) -> SafeString:
    """The prefix is that of all addresses."""
    facts = _drawing(place) if shown is None else _files(shown, place)
    loading = {"alt": place.alt, "eager": place.eager, "first": place.first}
    return get_template("shop/parts/_picture.html").render(loading | facts)


def _shown(picture: Picture) -> Shown:
    return Shown(picture.digest, picture.width, picture.height, picture.has_all_formats)


def _drawing(place: Place) -> dict[str, Any]:
    return {"drawing": place.drawn and drawn_url(place.drawn)}


def _files(shown: Shown, place: Place) -> dict[str, Any]:
    width = place.width
    widths = [each for each in picture_widths(shown) if each <= width]
    widths = widths or list(picture_widths(shown)[:1])
    # The addresses without their endings, so that each is worked out once.
    stems = [(picture_url(shown, each, ""), each) for each in widths]
    return {
        "shown": shown,
        "sizes": place.sizes,
        "sources": [
            (f"image/{kind}", _srcset(stems, kind))
            for kind in endings_of(shown)
            if kind != "jpg"
        ],
        "srcset": _srcset(stems, "jpg"),
        "src": f"{stems[0][0]}jpg",
        "height": round(800 * shown.height / shown.width),
    }


@register.filter
def tint(shown: Picture | None) -> str:
    """The class of the backdrop to show until the picture has come."""
    return "tint-sand" if shown is None else _nearest_tint(shown.colour)


@once
def _nearest_tint(hexadecimal: str) -> str:
    if len(hexadecimal) != 7:
        return "tint-sand"
    colour = [int(hexadecimal[at : at + 2], 16) for at in (1, 3, 5)]
    return f"tint-{min(TINTS, key=lambda name: _distance(colour, TINTS[name]))}"


@register.simple_tag
def picture_to_share(shown: Picture | None) -> str:
    """The absolute address of the picture that a shared link shows."""
    path = picture_url(shown, 1200, "jpg") if shown else static("shop/icons/share.jpg")
    return absolute(path)


@register.simple_tag
def icon(name: str) -> SafeString:
    """A drawing from the sprite, in the colour of the text. Never the only sign."""
    return _icon(name, file_address("shop/icons/sprite.svg"))


@once
def _icon(name: str, sprite: str) -> SafeString:
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', sprite, name
    )


def _distance(one: Sequence[int], other: Sequence[int]) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def _srcset(stems: list[tuple[str, int]], ending: str) -> str:
    return ", ".join(f"{stem}{ending} {width}w" for stem, width in stems)
