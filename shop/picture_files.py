"""From a master's bytes to the files that browsers get. Knows no database.

Nothing of the master's bytes reaches a browser: everything is decoded, drawn anew and
written by us, without its EXIF data and whatever else was hidden in it.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image, ImageCms, ImageOps

WIDTHS = (400, 800, 1200)
FORMATS = ("JPEG", "PNG", "WEBP")
MOST_BYTES = 20_000_000
MOST_PIXELS = 25_000_000
NARROWEST = 200
# The file's ending, and how Pillow writes it.
ENCODINGS = {
    "avif": {"format": "AVIF", "quality": 55, "speed": 8, "max_threads": 1},
    "webp": {"format": "WEBP", "quality": 78, "method": 4},
    "jpg": {"format": "JPEG", "quality": 80, "progressive": True, "optimize": True},
}


class BadPicture(ValueError):
    """A file that is no picture we take; the message is a sentence for whoever sent it.

    It tells what to do about it and repeats nothing from the file.
    """


@dataclass(frozen=True)
class PictureFiles:
    """`files` are the encoded bytes by (width, ending); width and height the master's,
    `colour` the one that most of it has."""

    width: int
    height: int
    colour: str
    files: dict[tuple[int, str], bytes]


def widths_of(width: int) -> tuple[int, ...]:
    """The widths in which a master of this width is kept: nothing is enlarged."""
    return tuple(sorted({min(wanted, width) for wanted in WIDTHS}))


def make_files(master: bytes) -> PictureFiles:
    """Every size and format of a picture. Pure: the same bytes give the same files.

    The sides keep their proportion. Raises BadPicture before anything large is
    decoded; takes JPEG, PNG and WebP, of an animation the first frame.
    """
    image = _opened(master)
    files = {}
    for width in widths_of(image.width):
        sized = _sized(image, width)
        for ending, options in ENCODINGS.items():
            target = io.BytesIO()
            sized.save(target, **options)
            files[width, ending] = target.getvalue()
    return PictureFiles(image.width, image.height, _colour(image), files)


def _opened(master: bytes) -> Image.Image:
    if len(master) > MOST_BYTES:
        raise BadPicture("The picture's file is too large. Up to 20 MB are fine.")
    try:
        image = Image.open(io.BytesIO(master), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except (OSError, ValueError, SyntaxError) as error:
        raise BadPicture(
            "This is not a picture we can read. Please send a JPEG, PNG or WebP file."
        ) from error
    if image.width * image.height > MOST_PIXELS:
        raise _too_many_pixels()
    return _decoded(image)


def _decoded(image: Image.Image) -> Image.Image:
    try:
        image.load()
        upright = ImageOps.exif_transpose(image)
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise BadPicture(
            "The picture's file is damaged or cut short. Please send it again."
        ) from error
    if upright.width < NARROWEST or upright.height < NARROWEST:
        raise BadPicture(
            f"The picture is too small. It should be at least {NARROWEST} pixels wide "
            "and high; 1200 by 900 is best."
        )
    return _in_plain_colours(upright)


def _too_many_pixels() -> BadPicture:
    return BadPicture("The picture has too many pixels. Up to 25 million are fine.")


def _in_plain_colours(image: Image.Image) -> Image.Image:
    """As sRGB without transparency, on white."""
    profile = image.info.get("icc_profile")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        image = Image.new("RGBA", layer.size, "white")
        image.alpha_composite(layer)
    if profile and image.mode in {"RGB", "CMYK", "L"}:
        try:
            return ImageCms.profileToProfile(
                image,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode="RGB",
            )
        except (ImageCms.PyCMSError, OSError):
            pass  # a broken profile: the colours as they are
    return image.convert("RGB")


def _sized(image: Image.Image, width: int) -> Image.Image:
    if width == image.width:
        return image
    height = max(1, round(image.height * width / image.width))
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _colour(image: Image.Image) -> str:
    """The colour of the largest of five groups, as #d8b080."""
    small = image.resize((64, 48), Image.Resampling.BOX)
    few = small.quantize(5, method=Image.Quantize.MEDIANCUT)
    _, index = max(few.getcolors())
    red, green, blue = few.getpalette()[3 * index : 3 * index + 3]
    return f"#{red:02x}{green:02x}{blue:02x}"
