"""Files that people send by mistake or in bad faith, made here and kept nowhere."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from PIL import Image, PngImagePlugin

from shop.picture_rules import (
    DAMAGED,
    MOST_BYTES,
    NOT_ONE_OF_OURS,
    TOO_LARGE,
    TOO_LONG,
    TOO_MANY_PIXELS,
    TOO_MUCH_WORK,
)
from tests.shop.make import number

CRUST = (0xD8, 0xB0, 0x80)
MARK = b"<script>alert('marked')</script>"
# 53.3498 N, 6.2603 W: a home.
GPS = {1: "N", 2: (53.0, 20.0, 59.28), 3: "W", 4: (6.0, 15.0, 37.08)}
TOO_SMALL = "The picture is too small."


def photo(width=1200, height=900, *, kind="JPEG", mode="RGB", colour=CRUST, **options):
    """A picture with a darker corner, unlike every other one of this run."""
    image = Image.new(mode, (width, height), colour)
    # Sides that are whole blocks of JPEG: no two such corners become the same.
    wide, high = divmod(number() % 600, 25)
    if width >= 200 <= height:
        dark = (60, 20, 10, 255)[: len(image.getbands())]
        image.paste(dark, (0, 0, 8 + 8 * wide, 8 + 8 * high))
    written = io.BytesIO()
    image.save(written, format=kind, **options)
    return written.getvalue()


# --- bombs -------------------------------------------------------------------------


def png(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG of a few bytes that says it has this many pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", header), *chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        b"".join([struct.pack(">I", len(data)), kind, data, checksum(kind + data)])
        for kind, data in parts
    )


def checksum(data: bytes) -> bytes:
    return struct.pack(">I", zlib.crc32(data))


def png_bomb(width: int, height: int) -> bytes:
    """All black: a thousandth of what it becomes."""
    packer = zlib.compressobj(9)
    line = bytes(1 + 3 * width)
    data = b"".join(packer.compress(line) for _ in range(height)) + packer.flush()
    return png(width, height, (b"IDAT", data), (b"IEND", b""))


def text_bomb() -> bytes:
    """A comment that unpacks to 200 MB."""
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(bytes(1_000_000)) for _ in range(200))
    text = b"Comment\0\0" + data + packer.flush()
    return png(400, 400, (b"zTXt", text), (b"IDAT", zlib.compress(bytes(1201 * 400))))


def scan_bomb() -> bytes:
    """A progressive JPEG that says "and once more, all of it" two thousand times."""
    whole = photo(4800, 4800, progressive=True, quality=20)
    last = whole.rindex(b"\xff\xda")
    scan = whole[last:-2]
    return whole[:-2] + scan * ((MOST_BYTES - len(whole)) // len(scan)) + b"\xff\xd9"


def webp_canvas(width: int, height: int) -> bytes:
    """An animation on a huge canvas, with one small frame."""
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue")]
    written = io.BytesIO()
    frames[0].save(written, "WEBP", save_all=True, append_images=frames[1:])
    data = bytearray(written.getvalue())
    at = data.index(b"VP8X") + 8 + 4
    data[at : at + 6] = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(
        3, "little"
    )
    return bytes(data)


def gif_bomb() -> bytes:
    frames = [Image.new("P", (2000, 2000), colour) for colour in range(20)]
    written = io.BytesIO()
    frames[0].save(written, "GIF", save_all=True, append_images=frames[1:])
    return written.getvalue()


# --- good pictures with something in them --------------------------------------------


def with_gps(kind: str = "JPEG") -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "marked telephone"
    exif.get_ifd(0x8825).update(GPS)
    return photo(kind=kind, exif=exif)


def with_words(kind: str) -> bytes:
    """Marked in every place where such a file may carry words."""
    if kind == "PNG":
        words = PngImagePlugin.PngInfo()
        words.add_text("Comment", MARK.decode())
        words.add_itxt("XML:com.adobe.xmp", MARK.decode())
        return photo(kind="PNG", pnginfo=words) + MARK
    if kind == "WEBP":
        return photo(kind="WEBP", xmp=MARK, exif=b"Exif\0\0" + MARK) + MARK
    return photo(comment=MARK, xmp=MARK, icc_profile=MARK * 10) + MARK


def with_archive() -> bytes:
    """A GIFAR's cousin: a picture in front, a program's archive behind."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("META-INF/MANIFEST.MF", "Main-Class: marked")
    return photo() + written.getvalue()


JPEG = b"\xff\xd8\xff\xe0"  # how one begins
DATA = (b"IDAT", zlib.compress(b"\0"))
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'

# What is refused, with the file's name and the sentence for whoever sent it.
REFUSED = {
    "nothing": ("nothing.jpg", lambda: b"", NOT_ONE_OF_OURS),
    "a text": ("words.png", lambda: b"Not a picture.", NOT_ONE_OF_OURS),
    "an SVG with a script": ("bread.svg", lambda: SVG, NOT_ONE_OF_OURS),
    "an SVG called a JPEG": ("bread.jpg", lambda: SVG, NOT_ONE_OF_OURS),
    "a page called a JPEG": ("a.jpg", lambda: JPEG + MARK, NOT_ONE_OF_OURS),
    "a GIF bomb": ("bread.gif", gif_bomb, NOT_ONE_OF_OURS),
    "a TIFF": ("bread.tiff", lambda: photo(kind="TIFF"), NOT_ONE_OF_OURS),
    "a FITS": ("sky.fits", lambda: b"SIMPLE  =   T".ljust(2880), NOT_ONE_OF_OURS),
    "a PostScript": ("a.eps", lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n", NOT_ONE_OF_OURS),
    "half a JPEG": ("half.jpg", lambda: photo()[:3000], DAMAGED),
    "half a PNG": ("half.png", lambda: photo(kind="PNG")[:400], DAMAGED),
    "half a WebP": ("half.webp", lambda: photo(kind="WEBP")[:200], None),
    "a PNG bomb": ("bomb.png", lambda: png_bomb(10_000, 10_000), TOO_MANY_PIXELS),
    "the largest PNG": ("b.png", lambda: png(100_000, 100_000, DATA), TOO_MANY_PIXELS),
    "a huge canvas": ("c.webp", lambda: webp_canvas(16_383, 16_383), None),
    "a text bomb": ("text.png", text_bomb, None),
    "a JPEG of many scans": ("scans.jpg", scan_bomb, TOO_MUCH_WORK),
    "10,000 by 1": ("line.png", lambda: photo(10_000, 1, kind="PNG"), TOO_SMALL),
    "1 by 10,000": ("line.png", lambda: photo(1, 10_000, kind="PNG"), TOO_SMALL),
    "a long ribbon": ("long.png", lambda: photo(12_000, 300, kind="PNG"), TOO_LONG),
    "too many bytes": ("big.jpg", lambda: photo() + bytes(MOST_BYTES), TOO_LARGE),
}  # fmt: skip

# What is taken, and must lose what it hides.
TAKEN = {
    "a JPEG that tells where it was taken": ("home.jpg", with_gps),
    "a PNG that tells where it was taken": ("home.png", lambda: with_gps("PNG")),
    "a WebP that tells where it was taken": ("home.webp", lambda: with_gps("WEBP")),
    "a JPEG with a script in it": ("page.html", lambda: with_words("JPEG")),
    "a PNG with a page behind it": ("page.php", lambda: with_words("PNG")),
    "a WebP with words in it": ("../../settings/base.py", lambda: with_words("WEBP")),
    "a picture with an archive behind": ("a.jar", with_archive),
    "a PNG called a JPEG": ("a.jpg", lambda: photo(kind="PNG")),
    "a name that leads elsewhere": ("..\\..\\etc\\passwd\0.png", photo),
    "25 million pixels": ("sky.png", lambda: png_bomb(5000, 5000)),
}
HIDDEN = (MARK, b"marked", b"GPS", b"Exif", b"PK\x03\x04", b"<script", b"Adobe_CM")
