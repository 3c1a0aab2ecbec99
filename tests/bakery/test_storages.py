"""A real S3 fails in the words a folder fails in, and does not keep anybody waiting."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, default_storage
from django.test import RequestFactory

from bakery import vault
from bakery.servers.ports import free_port
from bakery.servers.seaweed import S3
from bakery.static import StaticFilesMiddleware
from tests.bakery.storage_stage import shop_with

pytestmark = pytest.mark.slow

NOON = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
NAME = "shop/storefront.0123456789ab.css"


@pytest.fixture(scope="module")
def s3(s3: S3) -> S3:
    s3.make_bucket("bakery")
    return s3


@pytest.fixture
def storage(s3: S3) -> Iterator[Storage]:
    with shop_with(s3.url("bakery")):
        yield default_storage


@pytest.fixture
def gone() -> Iterator[Storage]:
    """Where nobody listens."""
    with shop_with(f"s3://KEY:SECRET@127.0.0.1:{free_port()}/bakery?tls=no"):
        yield default_storage


def test_a_file_is_stored_read_listed_and_deleted(storage):
    assert storage.save("a/b.txt", ContentFile(b"crumb")) == "a/b.txt"
    with storage.open("a/b.txt") as file:
        assert file.read() == b"crumb"
    assert storage.exists("a/b.txt")
    assert storage.size("a/b.txt") == 5
    assert storage.listdir("a") == ([], ["b.txt"])
    storage.delete("a/b.txt")
    assert not storage.exists("a/b.txt")


def test_a_missing_file_is_not_found_and_no_reason_to_wait(storage):
    for _ in range(3):
        with pytest.raises(FileNotFoundError):
            storage.open("a/none.txt")
    assert not storage.exists("a/none.txt")


ASKED = {
    "open": lambda storage: storage.open("a/b.txt"),
    "save": lambda storage: storage.save("a/b.txt", ContentFile(b"crumb")),
    "exists": lambda storage: storage.exists("a/b.txt"),
    "listdir": lambda storage: storage.listdir("a"),
    "size": lambda storage: storage.size("a/b.txt"),
    "delete": lambda storage: storage.delete("a/b.txt"),
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED.keys())
def test_a_storage_that_is_away_is_an_os_error(gone, ask):
    with pytest.raises(OSError, match="S3") as refusal:
        ask(gone)
    assert not isinstance(refusal.value, FileNotFoundError)


def test_a_wrong_key_is_an_os_error_too(s3):
    url = s3.url("bakery").replace(s3.secret_key, "wrong")
    with shop_with(url), pytest.raises(OSError, match="S3"):
        default_storage.listdir("a")


def test_while_it_is_away_only_one_a_second_waits(gone):
    began = time.monotonic()
    for _ in range(200):
        with pytest.raises(OSError, match="S3"):
            gone.open("a/b.txt")
    assert time.monotonic() - began < 5


def test_the_vault_lies_in_s3(storage, tmp_path, rf: RequestFactory):
    """A file that is .gz to S3's library comes back as it was put in."""
    path = tmp_path / NAME
    path.parent.mkdir()
    for ending, content in (("", b"p {}"), (".br", b"br"), (".gz", b"\x1f\x8b gz")):
        path.with_name(path.name + ending).write_bytes(content)
    assert vault.keep("1.0", NOON, tmp_path, [NAME]) == 1
    assert vault.keep("1.0", NOON, tmp_path, [NAME]) == 0
    server = StaticFilesMiddleware(lambda request: None)
    answers = {
        encoding: server(rf.get(f"/static/{NAME}", HTTP_ACCEPT_ENCODING=encoding))
        for encoding in ("", "br", "gzip")
    }
    assert {e: a.content for e, a in answers.items()} == {
        "": b"p {}", "br": b"br", "gzip": b"\x1f\x8b gz"
    }  # fmt: skip
    kinds = {answer["Content-Type"] for answer in answers.values()}
    assert kinds == {'text/css; charset="utf-8"'}
    assert vault.prune(NOON) == 0


def test_without_s3_the_files_of_others_are_away(gone, rf: RequestFactory):
    server = StaticFilesMiddleware(lambda request: None)
    answer = server(rf.get(f"/static/{NAME}"))
    assert (answer.status_code, answer["Cache-Control"]) == (503, "no-store")
    assert answer["Retry-After"] == "5"
