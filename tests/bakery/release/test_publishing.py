"""Releases on a shelf: whole and ours, or not at all; the latest comes last."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import override_settings

from bakery.host.layout import Layout
from bakery.release.fetching import fetch
from bakery.release.notes import LATEST, NotOnTheShelf, notes_on, read_note
from bakery.release.publishing import (
    KEPT,
    Missing,
    NotAShelf,
    demand_shelf,
    move_latest,
    note_of,
    publish,
)
from bakery.release.shelf import FolderShelf, Shelf
from bakery.release.store import Release

LOCK = "f" * 16


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """Where releases are made."""
    folder = tmp_path / "made"
    folder.mkdir()
    return folder


@pytest.fixture
def shelf(tmp_path: Path) -> FolderShelf:
    return FolderShelf(tmp_path / "shelf")


@pytest.fixture
def host(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "host")


def release(made: Path, digit: str, lock: str = LOCK) -> Release:
    name = digit * 16
    path = made / f"{name}.tar.gz"
    path.write_bytes(f"source {digit}".encode())
    path.with_name(f"{lock}.tar").write_bytes(f"wheels {lock}".encode())
    now = datetime(2026, 11, 23, tzinfo=UTC)
    return Release(name, path, lock, now, "3.11", (), "")


def put(shelf: Shelf, made: Release, *, signed: bool = True) -> None:
    publish(shelf, note_of(made), made.path.parent, signed=signed)


def latest(shelf: Shelf) -> str:
    return read_note(shelf, LATEST, signed=True).id


def files(folder: Path) -> dict[str, bytes]:
    found = folder.rglob("*") if folder.exists() else []
    return {p.name: p.read_bytes() for p in found if p.is_file()}


def test_what_was_put_there_is_fetched_to_the_byte(shelf, made, host):
    ours = release(made, "a")
    put(shelf, ours)
    assert fetch(shelf, host, signed=True).id == ours.id
    assert files(host.incoming) == {
        ours.path.name: ours.path.read_bytes(),
        ours.wheels.name: ours.wheels.read_bytes(),
    }


def test_what_the_host_has_is_not_fetched_again(shelf, made, host):
    put(shelf, release(made, "a"))
    host.release("a" * 16).mkdir(parents=True)
    host.environment(LOCK).mkdir(parents=True)
    host.environment(LOCK).joinpath(".complete").touch()
    assert fetch(shelf, host, signed=True).id == "a" * 16
    assert files(host.incoming) == {}


def test_the_latest_is_the_one_that_was_put_last_and_can_be_moved_back(shelf, made):
    for digit in "ab":
        put(shelf, release(made, digit))
    assert latest(shelf) == "b" * 16
    move_latest(shelf, "a" * 16, signed=True)
    assert latest(shelf) == "a" * 16
    assert [note.id[0] for note in notes_on(shelf, signed=True)] == ["a", "b"]


def test_there_is_no_latest_one_where_the_wanted_one_is_not(shelf, made):
    put(shelf, release(made, "b"))
    with pytest.raises(NotOnTheShelf):
        move_latest(shelf, "a" * 16, signed=True)
    assert LATEST not in shelf.names()
    put(shelf, release(made, "b"))
    shelf.put(f"{'b' * 16}.tar.gz", b"something else")
    with pytest.raises(NotOnTheShelf, match="is damaged"):
        move_latest(shelf, "b" * 16, signed=True)
    assert LATEST not in shelf.names()


def test_five_stay_with_the_archives_they_need(shelf, made):
    put(shelf, release(made, "0", lock="0" * 16))
    for digit in "123456":
        put(shelf, release(made, digit))
    kept = {digit * 16 for digit in "23456"}
    assert len(kept) == KEPT
    assert shelf.names() == {
        LATEST,
        f"{LOCK}.tar",
        *(f"{name}.json" for name in kept),
        *(f"{name}.tar.gz" for name in kept),
    }


class BreaksOff(FolderShelf):
    """Whoever writes there dies just before the last file."""

    def put(self, name: str, content: Path | bytes) -> None:
        if name == LATEST:
            raise OSError("it broke off")
        super().put(name, content)


def test_one_that_breaks_off_leaves_the_former_one_whole(shelf, made, host):
    put(shelf, release(made, "0", lock="0" * 16))
    for _ in range(2):
        for digit in "123456":
            with pytest.raises(OSError, match="broke off"):
                put(BreaksOff(shelf.folder), release(made, digit))
    assert fetch(shelf, host, signed=True).id == "0" * 16
    assert len(files(host.incoming)) == 2
    put(shelf, release(made, "7"))
    assert len(notes_on(shelf, signed=True)) == KEPT


def test_only_what_is_missing_or_damaged_is_brought(shelf, made):
    ours = release(made, "a")
    put(shelf, ours)
    before = shelf.folder.joinpath(ours.path.name).stat().st_ino
    shelf.put(ours.wheels.name, b"half of the wh")
    put(shelf, ours)
    assert shelf.folder.joinpath(ours.path.name).stat().st_ino == before
    assert shelf.read(ours.wheels.name) == ours.wheels.read_bytes()


def test_without_an_archive_nothing_is_changed_and_its_name_is_told(shelf, made):
    put(shelf, release(made, "a"))
    before = files(shelf.folder)
    next_one = release(made, "b")
    note = note_of(next_one)
    next_one.path.unlink()
    with pytest.raises(Missing) as error:
        publish(shelf, note, made, signed=True)
    assert error.value.names == [next_one.path.name]
    assert files(shelf.folder) == before


@pytest.mark.parametrize("which", ["path", "wheels"])
@pytest.mark.parametrize("damage", [lambda b: b[:-1], lambda b: b"x" + b[1:]])
def test_a_damaged_archive_is_not_fetched(shelf, made, host, which, damage):
    ours = release(made, "a")
    put(shelf, ours)
    path = getattr(ours, which)
    shelf.put(path.name, damage(path.read_bytes()))
    with pytest.raises(NotOnTheShelf, match=rf"{path.name} .* is damaged"):
        fetch(shelf, host, signed=True)
    assert path.name not in files(host.incoming)
    assert not [name for name in os.listdir(host.incoming) if name.endswith("part")]


def test_nothing_is_fetched_from_an_empty_shelf(shelf, host):
    with pytest.raises(NotOnTheShelf, match=r"there is no latest\.json"):
        fetch(shelf, host, signed=True)


def test_half_a_note_is_none(shelf, made, host):
    put(shelf, release(made, "a"))
    whole = shelf.read(LATEST)
    for length in (0, 1, len(whole) // 2, len(whole) - 1):
        shelf.put(LATEST, whole[:length])
        with pytest.raises(NotOnTheShelf):
            fetch(shelf, host, signed=True)
    shelf.put(LATEST, b"[]")
    with pytest.raises(NotOnTheShelf):
        fetch(shelf, host, signed=True)


def test_who_can_write_into_the_storage_makes_no_clone_run_anything(shelf, made, host):
    """With digests that are right: only the signature tells."""
    put(shelf, release(made, "a"))
    put(shelf, release(made, "b"), signed=False)
    with pytest.raises(NotOnTheShelf, match="not signed"):
        fetch(shelf, host, signed=True)
    with override_settings(SECRET_KEY="somebody else's"):  # noqa: S106
        put(shelf, release(made, "b"))
    with pytest.raises(NotOnTheShelf, match="not signed"):
        fetch(shelf, host, signed=True)
    assert files(host.base) == {}


def test_a_key_that_was_replaced_still_counts_as_long_as_it_is_kept(shelf, made, host):
    with override_settings(SECRET_KEY="the former one"):  # noqa: S106
        put(shelf, release(made, "a"))
    with override_settings(SECRET_KEY_FALLBACKS=["the former one"]):
        assert fetch(shelf, host, signed=True).id == "a" * 16


@pytest.mark.parametrize("name", ["../../x", "latest", "a" * 15, ""])
def test_a_note_names_no_file_outside(shelf, made, name):
    put(shelf, release(made, "a"), signed=False)
    facts = json.loads(shelf.read(LATEST))
    archives = list(facts["files"].values())
    facts["id"] = name
    facts["files"] = {f"{name}.tar.gz": archives[0], f"{LOCK}.tar": archives[1]}
    shelf.put(LATEST, json.dumps(facts).encode())
    with pytest.raises(NotOnTheShelf):
        read_note(shelf, LATEST, signed=False)


def test_releases_are_not_published_into_the_folder_where_they_are_made(made):
    demand_shelf(made)
    made.joinpath("release.lock").touch()
    with pytest.raises(NotAShelf, match="a folder of its own"):
        demand_shelf(made)
