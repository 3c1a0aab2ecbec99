"""No upload, to whatever page, fills a server's disk or memory."""

from __future__ import annotations

import io

import pytest
from django.http.multipartparser import MultiPartParser
from django.test import RequestFactory
from django.test.client import BOUNDARY, MULTIPART_CONTENT

from shop.picture_rules import MOST_BYTES
from shop.uploads import MOST_OF_A_REQUEST

CHUNK = 64 * 1024


class Line(io.RawIOBase):
    """A body as long as wanted, made while it is read."""

    def __init__(self, sizes: list[int]) -> None:
        self.parts = iter(_body(sizes))
        self.left, self.taken = b"", 0

    def read(self, size: int = -1) -> bytes:
        while len(self.left) < size:
            part = next(self.parts, None)
            if part is None:
                break
            self.left += part
        given, self.left = self.left[:size], self.left[size:]
        self.taken += len(given)
        return given


def _body(sizes):
    for nth, size in enumerate(sizes):
        name = f'name="file{nth}"; filename="{nth}.jpg"'
        yield f"--{BOUNDARY}\r\nContent-Disposition: form-data; {name}\r\n\r\n".encode()
        for _ in range(size // CHUNK):
            yield bytes(CHUNK)
        yield b"\r\n"
    yield f"--{BOUNDARY}--\r\n".encode()


def received(*sizes: int):
    """Sizes of the files that come of it, by name, and the body they came in."""
    request = RequestFactory().post("/anywhere/", content_type=MULTIPART_CONTENT)
    line = Line(list(sizes))
    meta = request.META | {"CONTENT_LENGTH": str(sum(sizes) + 1000)}
    handlers = request.upload_handlers
    _, files = MultiPartParser(meta, line, handlers, "utf-8").parse()
    found = {name: file.size for name, file in files.items()}
    for file in files.values():
        file.close()
    return found, line


def test_a_file_within_the_limit_comes_whole():
    files, _ = received(MOST_BYTES)
    assert files["file0"] == MOST_BYTES


def test_of_a_file_that_is_too_large_little_more_than_the_limit_is_kept():
    files, _ = received(4 * MOST_BYTES)
    assert MOST_BYTES < files["file0"] <= MOST_BYTES + CHUNK


def test_each_of_several_files_has_the_limit():
    files, _ = received(2 * MOST_BYTES, CHUNK, MOST_BYTES)
    assert [files[f"file{nth}"] > MOST_BYTES for nth in range(3)] == [
        True,
        False,
        False,
    ]
    assert files["file1"] == CHUNK


def test_a_request_with_far_too_much_is_not_read_on():
    _, line = received(4 * MOST_OF_A_REQUEST)
    assert line.taken < MOST_OF_A_REQUEST + 100 * CHUNK


@pytest.mark.django_db
def test_a_page_that_takes_no_file_answers_as_ever(client):
    answer = client.post("/basket/lines/", {"sku": "x", "file": io.BytesIO(bytes(99))})
    assert answer.status_code in {403, 422}
