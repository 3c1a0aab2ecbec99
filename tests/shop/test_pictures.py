"""Pictures are made small, stored once, and nothing strange gets in."""

import io
import struct
import zlib

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from shop.models import Picture
from shop.picture_files import BadPicture, make_files
from shop.pictures import digest_of, picture_url, picture_widths, store_picture
from tests.shop.make import make_product, number

CRUST = (0xD8, 0xB0, 0x80)


def master(width=1200, height=900, *, kind="JPEG", mode="RGB", colour=CRUST, **options):
    """A picture with a darker corner, unlike every other one of this run."""
    image = Image.new(mode, (width, height), colour)
    # Sides that are whole blocks of JPEG: no two such corners become the same.
    wide, high = divmod(number() % 600, 25)
    dark = (60, 20, 10, 255)[: len(image.getbands())]
    image.paste(dark, (0, 0, 8 + 8 * wide, 8 + 8 * high))
    written = io.BytesIO()
    image.save(written, format=kind, **options)
    return written.getvalue()


def opened(made, width, ending):
    return Image.open(io.BytesIO(made.files[width, ending]))


def test_three_widths_in_three_formats_keep_the_proportion():
    made = make_files(master())
    assert set(made.files) == {
        (width, ending)
        for width in (400, 800, 1200)
        for ending in ("avif", "webp", "jpg")
    }
    for (width, ending), content in made.files.items():
        image = Image.open(io.BytesIO(content))
        assert image.size == (width, width * 3 // 4)
        assert image.mode == "RGB"
        assert image.format == {"avif": "AVIF", "webp": "WEBP", "jpg": "JPEG"}[ending]
    assert (made.width, made.height) == (1200, 900)


def test_jpeg_files_are_progressive():
    assert "progressive" in opened(make_files(master()), 800, "jpg").info


def test_nothing_is_enlarged():
    made = make_files(master(1000, 750))
    assert {width for width, _ in made.files} == {400, 800, 1000}
    made = make_files(master(320, 240))
    assert {width for width, _ in made.files} == {320}


def test_the_same_bytes_give_the_same_files():
    content = master()
    assert make_files(content) == make_files(content)


def test_the_colour_is_the_one_that_most_of_it_has():
    made = make_files(master(kind="PNG"))
    red, green, blue = bytes.fromhex(made.colour[1:])
    for found, wanted in zip((red, green, blue), CRUST, strict=True):
        assert abs(found - wanted) <= 4


def test_transparency_becomes_white():
    content = master(kind="PNG", mode="RGBA", colour=(0, 0, 0, 0))
    pixel = opened(make_files(content), 400, "webp").getpixel((350, 250))
    assert min(pixel) >= 250


@pytest.mark.parametrize("mode", ["L", "CMYK", "P"])
def test_other_colour_modes_become_rgb(mode):
    image = Image.new("RGB", (400, 300), CRUST).convert(mode)
    written = io.BytesIO()
    image.save(written, format="PNG" if mode == "P" else "JPEG")
    assert opened(make_files(written.getvalue()), 400, "jpg").mode == "RGB"


def test_a_picture_taken_sideways_is_turned_upright_and_its_exif_is_gone():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "somebody's telephone"
    made = make_files(master(900, 1200, exif=exif))
    assert (made.width, made.height) == (1200, 900)
    for ending in ("avif", "webp", "jpg"):
        assert not dict(opened(made, 400, ending).getexif())
    assert all(b"telephone" not in content for content in made.files.values())


def test_of_an_animation_the_first_frame_is_taken():
    frames = [Image.new("RGB", (400, 300), colour) for colour in ("red", "blue")]
    written = io.BytesIO()
    frames[0].save(written, format="WEBP", save_all=True, append_images=frames[1:])
    red, _, blue = opened(make_files(written.getvalue()), 400, "jpg").getpixel((9, 9))
    assert red > 200 > 50 > blue


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it has this many pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", len(header))
        + chunk
        + struct.pack(">I", zlib.crc32(chunk))
    )


BAD = {
    "nothing": b"",
    "a text": b"Not a picture.",
    "an SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>',
    "a GIF": master(kind="GIF"),
    "a TIFF": master(kind="TIFF"),
    "half a JPEG": master()[:3000],
    "half a PNG": master(kind="PNG")[:400],
    "a page that says it is a JPEG": b"\xff\xd8\xff\xe0" + b"<html>" * 50,
    "26 million pixels": bomb(5200, 5000),
    "100 million pixels": bomb(10_000, 10_000),
    "ten thousand million pixels": bomb(100_000, 100_000),
    "too small": master(199, 400),
    "too many bytes": b"\xff\xd8" + b"\0" * 20_000_000,
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.django_db
def test_what_is_no_picture_of_ours_is_refused_and_nothing_is_kept(name):
    product = make_product()
    with pytest.raises(BadPicture) as caught:
        store_picture(BAD[name], alt="Bread", product=product)
    assert str(caught.value).endswith(".")
    assert not Picture.objects.exists()
    digest = digest_of(BAD[name])
    assert not default_storage.exists(f"pictures/{digest}-400.jpg")


@pytest.mark.django_db
def test_a_stored_picture_has_its_row_and_its_files():
    content, product = master(), make_product()
    picture = store_picture(
        content, made=make_files(content), alt="A loaf", credit="By us", product=product
    )
    digest = digest_of(content)
    assert (picture.product, picture.alt, picture.credit) == (
        product,
        "A loaf",
        "By us",
    )
    assert (picture.digest, picture.width, picture.height) == (digest, 1200, 900)
    assert len(picture.colour) == 7
    for width in (400, 800, 1200):
        for ending in ("avif", "webp", "jpg"):
            assert default_storage.exists(f"pictures/{digest}-{width}.{ending}")
    assert picture_url(picture, 800, "webp") == f"/media/pictures/{digest}-800.webp"


@pytest.mark.django_db
def test_storing_again_gives_the_same_row_as_the_staff_left_it():
    content, product = master(), make_product()
    first = store_picture(content, alt="A loaf", product=product)
    Picture.objects.update(alt="Our best loaf")
    name = f"pictures/{first.digest}-400.jpg"
    written = default_storage.get_modified_time(name)
    again = store_picture(content, alt="A loaf", product=product)
    assert (again.pk, again.alt) == (first.pk, "Our best loaf")
    assert Picture.objects.count() == 1
    assert default_storage.get_modified_time(name) == written


@pytest.mark.django_db
def test_a_file_that_got_lost_is_made_again():
    content, product = master(), make_product()
    picture = store_picture(
        content, made=make_files(content), alt="A loaf", product=product
    )
    name = f"pictures/{picture.digest}-800.avif"
    with default_storage.open(name) as file:
        before = file.read()
    default_storage.delete(name)
    assert (
        store_picture(content, made=make_files(content), alt="A loaf", product=product)
        == picture
    )
    with default_storage.open(name) as file:
        assert file.read() == before


@pytest.mark.django_db
def test_a_file_that_was_left_half_written_is_replaced():
    content = master()
    name = f"pictures/{digest_of(content)}-400.jpg"
    default_storage.save(name, io.BytesIO(b"half"))
    store_picture(
        content, made=make_files(content), alt="A loaf", product=make_product()
    )
    assert default_storage.size(name) > 100
    assert len([n for n in default_storage.listdir("pictures")[1]
                if n.startswith(digest_of(content))]) == 9  # fmt: skip


@pytest.mark.django_db
def test_one_picture_may_serve_two_places():
    content, product = master(), make_product()
    first = store_picture(content, alt="A loaf", product=product)
    second = store_picture(content, alt="A loaf", slot_name="hero")
    assert first.pk != second.pk
    assert first.digest == second.digest


@pytest.mark.django_db
def test_further_pictures_of_a_product_come_after_the_first():
    product = make_product()
    stored = [store_picture(master(), alt="A loaf", product=product) for _ in range(3)]
    assert [picture.position for picture in stored] == [0, 1, 2]
    assert list(product.pictures.all()) == stored


@pytest.mark.django_db
def test_a_width_that_is_not_there_gives_the_widest():
    picture = store_picture(master(600, 450), alt="A roll", product=make_product())
    assert picture_widths(picture) == (400, 600)
    assert picture_url(picture, 1200, "jpg").endswith("-600.jpg")
    assert picture_url(picture, 400, "jpg").endswith("-400.jpg")
