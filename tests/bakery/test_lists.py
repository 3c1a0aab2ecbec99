"""What a process remembers of the vault: little, and never longer than it may."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.test import RequestFactory, override_settings

from bakery import static, vault
from bakery.static import Contents, Lists, StaticFilesMiddleware

NOON = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
NAME = "shop/storefront.0123456789ab.css"


class CountingStorage(FileSystemStorage):
    """Says how often its folders were looked through."""

    def __init__(self, **named) -> None:
        super().__init__(**named)
        self.looks = 0

    def listdir(self, path: str):
        self.looks += 1
        return super().listdir(path)


@pytest.fixture
def storage(tmp_path: Path):
    backend = {
        "BACKEND": f"{__name__}.CountingStorage",
        "OPTIONS": {"location": tmp_path / "shared"},
    }
    with override_settings(STORAGES=settings.STORAGES | {"default": backend}):
        yield default_storage


def keep(tmp_path: Path, name: str, made_at: dt.datetime = NOON) -> None:
    path = tmp_path / name / NAME
    path.parent.mkdir(parents=True)
    path.write_text(f"/* {name} */")
    vault.keep(name, made_at, tmp_path / name, [NAME])


def test_a_thousand_unknown_names_cost_one_look(storage, tmp_path):
    keep(tmp_path, "1.0")
    lists, before = Lists(), storage.looks
    found = {lists.find(f"x{nth}.0123456789ab.js") for nth in range(1000)}
    assert found == {None}
    assert storage.looks - before == 1


def test_known_names_cost_none(storage, tmp_path):
    keep(tmp_path, "1.0")
    lists = Lists()
    first = lists.find(NAME)
    before = storage.looks
    assert [lists.find(NAME) for _ in range(100)] == [first] * 100
    assert storage.looks == before


def test_many_at_once_wait_for_the_first_look(storage, tmp_path):
    keep(tmp_path, "1.0")
    lists, start, found = Lists(), threading.Barrier(8), []

    def ask() -> None:
        start.wait()
        found.append(lists.find(NAME))

    before = storage.looks
    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert None not in found
    assert storage.looks - before == 1


def test_a_release_that_comes_later_is_found(storage, tmp_path, monkeypatch):
    keep(tmp_path, "1.0")
    lists = Lists()
    other = NAME.replace("0123456789ab", "ba9876543210")
    assert lists.find(other) is None
    path = tmp_path / "1.1" / other
    path.parent.mkdir(parents=True)
    path.write_text("/* 1.1 */")
    vault.keep("1.1", NOON + dt.timedelta(1), tmp_path / "1.1", [other])
    monkeypatch.setattr(static, "LOOK_SECONDS", 0)
    assert lists.find(other) is not None


def test_the_newest_release_answers_for_a_name_of_two(storage, tmp_path):
    keep(tmp_path, "1.0")
    keep(tmp_path, "1.1", NOON + dt.timedelta(1))
    assert vault.read_forms(Lists().find(NAME)) == {"identity": b"/* 1.1 */"}


def test_the_memory_has_an_end(storage, tmp_path, monkeypatch):
    monkeypatch.setattr(static, "MOST_BYTES", 30)
    contents = Contents()
    for nth in range(10):
        keep(tmp_path, f"1.{nth}", NOON + dt.timedelta(nth))
    digests = [release.files[NAME] for release in vault.releases()]
    for digest in [*digests, *digests]:
        assert contents.get(digest)
        assert contents._bytes == sum(map(static._size, contents._contents.values()))
        assert contents._bytes <= 30


def test_who_refuses_an_encoding_does_not_get_it(storage, tmp_path, rf: RequestFactory):
    path = tmp_path / "1.0" / NAME
    path.parent.mkdir(parents=True)
    path.write_text("p {}")
    path.with_name(path.name + ".br").write_bytes(b"br")
    vault.keep("1.0", NOON, tmp_path / "1.0", [NAME])
    server = StaticFilesMiddleware(lambda request: None)
    for accepted, encoding in (
        ("br", "br"),
        ("gzip, br;q=0.5", "br"),
        ("br;q=0", None),
        ("br;q=0.0, identity", None),
        ("gzip", None),
        ("*", None),
    ):
        answer = server(rf.get(f"/static/{NAME}", HTTP_ACCEPT_ENCODING=accepted))
        assert answer.status_code == 200
        assert answer.get("Content-Encoding") == encoding, accepted


def test_files_are_only_read(storage, tmp_path, rf: RequestFactory):
    keep(tmp_path, "1.0")
    server = StaticFilesMiddleware(lambda request: "a page")
    assert server(rf.post(f"/static/{NAME}")) == "a page"
    assert server(rf.get("/basket/")) == "a page"
