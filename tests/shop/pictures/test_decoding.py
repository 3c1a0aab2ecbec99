"""Whatever is in a file, it is decoded elsewhere, within limits, and drawn anew."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import threading

import psutil
import pytest
from PIL import Image

from shop import picture_child, picture_decoding
from shop.exceptions import PicturesBusy
from shop.picture_decoding import decode
from shop.picture_files import make_first_files, make_later_files, make_squares
from shop.picture_rules import BadPicture
from tests.processes import ROOT
from tests.shop.pictures.corpus import (
    HIDDEN,
    MARK,
    REFUSED,
    TAKEN,
    photo,
    png_bomb,
    with_words,
)

MB = 1024 * 1024
SLOWEST = "a JPEG of many scans"


def opened(content):
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow) if name == SLOWEST else name
        for name in REFUSED
    ],
)
def test_what_is_no_picture_of_ours_is_refused_with_a_sentence(name):
    _, make, sentence = REFUSED[name]
    with pytest.raises(BadPicture) as caught:
        decode("square", make())
    said = str(caught.value)
    assert said[0].isupper()
    assert said.endswith(".")
    assert said.startswith(sentence or "Th")


@pytest.mark.parametrize(
    "job", ["upload", pytest.param("square", marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("name", TAKEN)
def test_what_is_a_picture_is_drawn_anew_without_what_it_hides(name, job):
    made = decode(job, TAKEN[name][1]())
    for content in [*made.files.values(), *filter(None, [made.clean])]:
        assert not [hidden for hidden in HIDDEN if hidden in content]
        image = opened(content)
        image.load()
        assert not image.getexif()
        assert image.info.keys().isdisjoint({"exif", "xmp", "comment", "icc_profile"})


def test_pillow_would_write_words_on_into_the_new_file():
    """The control: what the clearing in shop/picture_files.py is for."""
    image = opened(with_words("JPEG")).convert("RGB")
    target = io.BytesIO()
    image.save(target, "JPEG")
    assert MARK in target.getvalue()


@pytest.mark.parametrize(
    ("job", "make"), [("upload", make_first_files), ("square", make_squares)]
)
def test_the_child_gives_what_would_be_made_here(job, make):
    master = photo()
    assert decode(job, master) == make(master)


def test_the_slower_formats_are_made_from_the_clean_master():
    clean = decode("upload", photo(3000, 2250)).clean
    assert opened(clean).size == (2400, 1800)
    made = decode("formats", clean)
    assert made == make_later_files(clean)
    assert set(made.files) == {
        (width, ending) for width in (400, 800, 1200) for ending in ("avif", "webp")
    }


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_large_picture_taken_sideways_is_turned_upright(kind):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    made = decode("upload", photo(4000, 3000, kind=kind, exif=exif))
    assert (made.width, made.height) == (3000, 4000)
    assert opened(made.files[1200, "jpg"]).size == (1200, 1600)
    # What was at the top left is at the top right.
    image = opened(made.files[400, "jpg"])
    assert sum(image.getpixel((399, 0))) < 150 < sum(image.getpixel((0, 0)))


def test_squares_are_the_middle():
    image = Image.new("RGB", (900, 300), "white")
    image.paste((200, 0, 0), (300, 0, 600, 300))
    written = io.BytesIO()
    image.save(written, "PNG")
    made = decode("square", written.getvalue())
    assert set(made.files) == {(s, e) for s in (96, 256) for e in ("webp", "jpg")}
    for (side, _), content in made.files.items():
        square = opened(content)
        assert square.size == (side, side)
        for corner in [(3, 3), (side - 4, side - 4)]:
            red, green, _ = square.getpixel(corner)
            assert red > 180
            assert green < 40


def test_a_small_square_is_not_enlarged():
    made = decode("square", photo(120, 100))
    assert opened(made.files[256, "webp"]).size == (100, 100)
    assert opened(made.files[96, "webp"]).size == (96, 96)


# --- limits --------------------------------------------------------------------------


@pytest.mark.slow
def test_memory_does_not_grow_with_what_is_sent():
    us = psutil.Process()
    bombs = ("a PNG bomb", "a huge canvas", "a text bomb", "too many bytes")
    made = [REFUSED[name][1]() for name in bombs] + [png_bomb(5000, 5000)]
    before = us.memory_info().rss
    most = before
    for content in made:
        with contextlib.suppress(BadPicture):
            decode("upload", content)
        most = max(most, us.memory_info().rss)
    assert most - before < 150 * MB


def run_child(job: str, master: bytes, code: str = "") -> subprocess.CompletedProcess:
    """The child as it is, or with something else in place of the decoder."""
    start = f"{code}\nfrom shop import picture_child\npicture_child.main({job!r})"
    return subprocess.run(
        [sys.executable, "-c", start],
        input=master,
        capture_output=True,
        cwd=ROOT,
        check=False,
        timeout=60,
    )


def hijacked(act: str) -> str:
    return f"import shop.picture_files as p\np.make_squares = lambda b: {act}"


def test_a_decoder_that_wants_much_memory_gets_none():
    answer = run_child("square", b"x", hijacked("bytes(600 * 1024 * 1024)"))
    assert b"too much work" in answer.stdout


def test_a_decoder_without_the_limit_would_get_it():
    """The control."""
    code = "from shop import picture_child\npicture_child._limit = lambda s: None\n"
    act = "print(len(bytes(600 * 1024 * 1024)), flush=True) or exit()"
    answer = run_child("square", b"x", code + hijacked(act))
    assert answer.stdout == b"629145600\n"


@pytest.mark.slow
def test_a_decoder_that_never_ends_is_ended():
    answer = run_child("square", b"x", hijacked("any(iter(int, 1))"))
    assert answer.returncode in picture_decoding.OUT_OF_TIME


def test_a_decoder_fills_no_disk(tmp_path):
    path = str(tmp_path / "big")
    act = f"open({path!r}, 'wb').write(bytes(64 * 1024 * 1024))"
    answer = run_child("square", b"x", hijacked(act))
    assert answer.returncode != 0
    assert os.path.getsize(path) <= picture_child.MOST_WRITTEN


def test_the_child_loads_nothing_of_the_shop_but_what_draws():
    code = (
        "import sys, shop.picture_child, shop.picture_files\n"
        "ours = {'django', 'settings', 'basket', 'bakery', 'shop.models'}\n"
        "assert not ours & set(sys.modules), ours & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_a_web_process_loads_nothing_that_decodes():
    code = (
        "import sys, django; django.setup(); import bakery.urls\n"
        "assert 'PIL' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


@pytest.mark.parametrize("told", [b"", b"{}\n", b"[]\n", b"words", b'{"files": 1}\n'])
def test_a_decoder_that_tells_nonsense_is_not_believed(told):
    with pytest.raises(BadPicture, match="not a picture we can read"):
        picture_decoding.read_answer(io.BytesIO(told))


def test_who_waits_too_long_for_a_decoder_is_asked_to_come_again(settings):
    settings.PICTURE_WAIT_SECONDS = 0.01
    with pytest.raises(PicturesBusy, match="try again"):
        decode("square", photo())


def test_a_machine_without_room_for_a_process_says_so_too(monkeypatch, tmp_path):
    monkeypatch.setattr(picture_decoding, "ROOT", tmp_path / "nowhere")
    with pytest.raises(PicturesBusy):
        decode("square", photo())


def test_one_picture_is_decoded_at_a_time_and_the_next_waits_its_turn(monkeypatch):
    monkeypatch.setattr(picture_decoding, "TURN_SECONDS", 0.05)
    assert picture_decoding._turn.acquire(blocking=False)
    try:
        with pytest.raises(PicturesBusy, match="busy"):
            decode("square", photo())
    finally:
        picture_decoding._turn.release()
    assert decode("square", photo()).files


def test_uploads_at_once_never_run_two_decoders(monkeypatch):
    monkeypatch.setattr(picture_decoding, "TURN_SECONDS", 30)
    most, start, master = [], threading.Barrier(6), photo(400, 400)
    run = picture_decoding._decode
    inside = []

    def watched(*words):
        inside.append(1)
        most.append(len(inside))
        try:
            return run(*words)
        finally:
            inside.pop()

    monkeypatch.setattr(picture_decoding, "_decode", watched)

    def send():
        start.wait()
        decode("square", master)

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 6
