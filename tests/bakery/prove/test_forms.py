"""Forms as browsers send them, read by Django as it reads them from browsers."""

from __future__ import annotations

import io

import pytest
from django.test import RequestFactory
from PIL import Image

from bakery.prove.account import new_picture
from bakery.prove.forms import File, encoded


def read(fields):
    content_type, body = encoded(fields)
    return RequestFactory().generic("POST", "/", body, content_type=content_type)


FIELDS = {"name": "Mrs Ssoni & son", "note": "Käse\r\n--x", "quantity": 2}


@pytest.mark.parametrize("file", [None, File("a.png", "image/png", b"\x00\r\n--\xff")])
def test_fields_and_files_arrive_as_they_are(file):
    request = read(FIELDS | ({"file": file} if file else {}))
    assert request.POST.dict() == FIELDS | {"quantity": "2"}
    assert len(request.FILES) == (1 if file else 0)
    if file:
        arrived = request.FILES["file"]
        assert arrived.read() == file.content
        assert (arrived.name, arrived.content_type) == (file.name, file.content_type)


def test_a_picture_is_one_and_never_the_same_twice():
    one, other = new_picture(), new_picture()
    assert Image.open(io.BytesIO(one.content)).size == (256, 256)
    assert one.content != other.content
