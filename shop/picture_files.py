"""From a master's bytes to the files that browsers get. Knows no database.

Nothing of the master's bytes reaches a browser: everything is decoded, drawn anew and
written by us, without its EXIF data and whatever else was hidden in it.

Masters that somebody has sent are decoded in a process of their own, see
shop/picture_decoding.py. Here nothing limits memory or time.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable
from math import isqrt

from PIL import Image, ImageCms, ImageOps

from shop.picture_rules import (
    AT_ONCE,
    DAMAGED,
    FORMATS,
    LATER,
    LONGEST_SIDE,
    MOST_BYTES,
    MOST_PIXELS,
    NARROWEST,
    NOT_ONE_OF_OURS,
    SQUARE_ENDINGS,
    SQUARES,
    TOO_LARGE,
    TOO_LONG,
    TOO_MANY_PIXELS,
    WIDTHS,
    BadPicture,
    PictureFiles,
    too_small,
    widths_of,
)

__all__ = [
    "ENCODINGS",
    "WIDTHS",
    "BadPicture",
    "PictureFiles",
    "make_files",
    "make_first_files",
    "make_later_files",
    "make_squares",
    "widths_of",
]

# The file's ending, and how Pillow writes it.
ENCODINGS = {
    "avif": {"format": "AVIF", "quality": 55, "speed": 8, "max_threads": 1},
    "webp": {"format": "WEBP", "quality": 78, "method": 4},
    "jpg": {"format": "JPEG", "quality": 80, "progressive": True, "optimize": True},
}
CLEAN = {"format": "JPEG", "quality": 93, "subsampling": 0}
CLEAN_WIDTH = 2_400
# Larger masters are made smaller by a half, a third ... before anything else is done
# with them, so that the rest takes little memory.
WORKED_ON = 4_000_000  # pixels
UNREADABLE = (
    *(OSError, ValueError, SyntaxError, EOFError, TypeError, KeyError, IndexError),
    *(struct.error, OverflowError),
)


def make_files(
    master: bytes, endings: Iterable[str] = tuple(ENCODINGS)
) -> PictureFiles:
    """Every width of a picture, in these formats. Pure: the same bytes, the same files.

    The sides keep their proportion. Raises BadPicture before anything large is
    decoded; takes JPEG, PNG and WebP, of an animation the first frame.
    """
    image, size = _opened(master, NARROWEST)
    return PictureFiles(*size, _colour(image), _all_widths(image, size, endings))


def make_first_files(master: bytes) -> PictureFiles:
    """The files that are made at once, and the clean master for the others."""
    image, size = _opened(master, NARROWEST)
    files = _all_widths(image, size, AT_ONCE)
    clean = _encoded(_in_width(image, size, min(size[0], CLEAN_WIDTH)), CLEAN)
    return PictureFiles(*size, _colour(image), files, clean)


def make_later_files(clean: bytes) -> PictureFiles:
    """The files in the formats that take longer, from a clean master."""
    return make_files(clean, LATER)


def make_squares(master: bytes) -> PictureFiles:
    """The middle of a picture as squares. Nothing is enlarged."""
    image, (width, height) = _opened(master, SQUARES[0])
    files = {}
    for wanted in SQUARES:
        side = min(wanted, *image.size)
        square = ImageOps.fit(image, (side, side), Image.Resampling.LANCZOS)
        for ending in SQUARE_ENDINGS:
            files[wanted, ending] = _encoded(square, ENCODINGS[ending])
    return PictureFiles(width, height, _colour(image), files)


def _opened(master: bytes, narrowest: int) -> tuple[Image.Image, tuple[int, int]]:
    """The picture, upright and plain, and how large the master is."""
    if len(master) > MOST_BYTES:
        raise BadPicture(TOO_LARGE)
    try:
        image = Image.open(io.BytesIO(master), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadPicture(TOO_MANY_PIXELS) from error
    except UNREADABLE as error:
        raise BadPicture(NOT_ONE_OF_OURS) from error
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise BadPicture(TOO_MANY_PIXELS)
    if min(width, height) < narrowest:
        raise BadPicture(too_small(narrowest))
    if max(width, height) > LONGEST_SIDE:
        raise BadPicture(TOO_LONG)
    small = _decoded(image)
    upright = _upright(small)
    is_turned = upright.size != small.size
    size = (height, width) if is_turned else (width, height)
    return _in_plain_colours(upright), size


def _decoded(image: Image.Image) -> Image.Image:
    """The first frame, of a large picture a smaller one with as much to see."""
    width, height = image.size
    factor = isqrt(width * height // WORKED_ON)
    try:
        if factor > 1:
            image.draft(None, (width // factor, height // factor))  # JPEG only
        image.load()
        if factor > 1 and image.size == (width, height):
            if image.mode == "P":
                image = image.convert("RGBA" if "transparency" in image.info else "RGB")
            image = image.reduce(factor)
    except UNREADABLE as error:
        raise BadPicture(DAMAGED) from error
    return image


def _upright(image: Image.Image) -> Image.Image:
    """As it was held; as it lies if what the camera says cannot be read."""
    try:
        return ImageOps.exif_transpose(image)
    except UNREADABLE:
        return image


def _in_plain_colours(image: Image.Image) -> Image.Image:
    """As sRGB without transparency, on white, and without any words beside it."""
    profile = image.info.get("icc_profile")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        image = Image.new("RGBA", layer.size, "white")
        image.alpha_composite(layer)
    plain = _in_srgb(image, profile) or image.convert("RGB")
    # Pillow would write comments and profiles on into the new files.
    plain.info.clear()
    return plain


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image | None:
    """None without a profile, or with a broken one: the colours as they are."""
    if not profile or image.mode not in {"RGB", "CMYK", "L"}:
        return None
    try:
        return ImageCms.profileToProfile(
            image,
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            outputMode="RGB",
        )
    except (ImageCms.PyCMSError, *UNREADABLE):
        return None


def _all_widths(
    image: Image.Image, size: tuple[int, int], endings: Iterable[str]
) -> dict[tuple[int, str], bytes]:
    files = {}
    for width in widths_of(size[0]):
        sized = _in_width(image, size, width)
        for ending in endings:
            files[width, ending] = _encoded(sized, ENCODINGS[ending])
    return files


def _in_width(image: Image.Image, size: tuple[int, int], width: int) -> Image.Image:
    """In this width and the proportion of the master, whose size it is."""
    wanted = (width, max(1, round(size[1] * width / size[0])))
    if wanted == image.size:
        return image
    return image.resize(wanted, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _encoded(image: Image.Image, options: dict[str, object]) -> bytes:
    target = io.BytesIO()
    image.save(target, **options)
    return target.getvalue()


def _colour(image: Image.Image) -> str:
    """The colour of the largest of five groups, as #d8b080."""
    small = image.resize((64, 48), Image.Resampling.BOX)
    few = small.quantize(5, method=Image.Quantize.MEDIANCUT)
    _, index = max(few.getcolors())
    red, green, blue = few.getpalette()[3 * index : 3 * index + 3]
    return f"#{red:02x}{green:02x}{blue:02x}"
