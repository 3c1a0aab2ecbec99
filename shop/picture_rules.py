"""Which pictures we take, and what is made of them.

Knows neither Pillow nor Django, so that the web processes need not load what decodes.
"""

from __future__ import annotations

from dataclasses import dataclass

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 25_000_000
LONGEST_SIDE = 10_000

# Of a product: widths, the smallest master, and the files' endings. The first are made
# while the uploader waits, the slower ones soon after.
WIDTHS = (400, 800, 1200)
NARROWEST = 200
AT_ONCE = ("jpg",)
LATER = ("avif", "webp")
# Of a person: squares of so many pixels.
SQUARES = (96, 256)
SQUARE_ENDINGS = ("webp", "jpg")

TOO_LARGE = "The picture's file is too large. Up to 8 MB are fine."
TOO_MANY_PIXELS = "The picture has too many pixels. Up to 25 million are fine."
TOO_LONG = (
    "The picture is too long. Please send one with sides of at most 10,000 pixels."
)
NOT_ONE_OF_OURS = (
    "This is not a picture we can read. Please send a JPEG, PNG or WebP file."
)
DAMAGED = "The picture's file is damaged or cut short. Please send it again."
TOO_MUCH_WORK = (
    "This picture is too much work to read. Please save it again as a JPEG file and "
    "send that."
)


class BadPicture(ValueError):
    """A file that is no picture we take; the message is a sentence for whoever sent it.

    It tells what to do about it and repeats nothing from the file.
    """


@dataclass(frozen=True)
class PictureFiles:
    """`files` are the encoded bytes by (width, ending); width and height the master's,
    `colour` the one that most of it has. `clean` is the master without all that is not
    the picture itself, drawn anew, if it was asked for."""

    width: int
    height: int
    colour: str
    files: dict[tuple[int, str], bytes]
    clean: bytes = b""


def widths_of(width: int) -> tuple[int, ...]:
    """The widths in which a master of this width is kept: nothing is enlarged."""
    return tuple(sorted({min(wanted, width) for wanted in WIDTHS}))


def too_small(narrowest: int) -> str:
    """The sentence for a picture with a side below so many pixels."""
    better = " 1200 by 900 is best." if narrowest == NARROWEST else ""
    return (
        f"The picture is too small. It should be at least {narrowest} pixels wide and "
        f"high.{better}"
    )
