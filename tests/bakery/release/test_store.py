"""Releases that were made are found again; half a one, or a damaged one, is none."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bakery.release.store import Release, archive_of, read_release, read_releases

OLD, NEW = "aaaa" + "0" * 12, "abbb" + "0" * 12


def stored(folder: Path, name: str, minute: int) -> Release:
    release = Release(
        id=name,
        path=folder / f"{name}.tar.gz",
        lock="feed" * 4,
        made_at=datetime(2026, 11, 22, 10, minute, tzinfo=UTC),
        python="3.11",
        migrations=("shop.0001_initial",),
        sources="beef",
        compressed={"static/a.css.br": "cafe"},
    )
    for path in release.files:
        path.write_text(f"what is in {path.name}")
    archives = {path.name: archive_of(path) for path in release.files}
    release = replace(release, archives=archives)
    folder.joinpath(f"{name}.json").write_text(json.dumps(release.to_store()))
    return release


def test_releases_are_read_as_they_were_written_the_newest_first(tmp_path):
    older, newer = stored(tmp_path, OLD, 1), stored(tmp_path, NEW, 2)
    assert read_releases(tmp_path) == [newer, older]
    assert read_releases(tmp_path / "nowhere") == []


def test_a_release_is_found_by_the_beginning_of_its_id_if_only_one_has_it(tmp_path):
    older, newer = stored(tmp_path, OLD, 1), stored(tmp_path, NEW, 2)
    assert read_release(tmp_path, "aaaa") == older
    assert read_release(tmp_path, "ab") == newer
    assert read_release(tmp_path, "a") is None
    assert read_release(tmp_path, "") is None
    assert read_release(tmp_path, "c") is None


@pytest.mark.parametrize("which", range(3))
def test_one_of_which_something_is_missing_is_not_there(tmp_path, which):
    stored(tmp_path, OLD, 1).files[which].unlink()
    assert read_releases(tmp_path) == []


@pytest.mark.parametrize("which", range(3))
def test_one_of_which_something_was_cut_off_is_not_there(tmp_path, which):
    path = stored(tmp_path, OLD, 1).files[which]
    path.write_bytes(path.read_bytes()[:-1])
    assert read_releases(tmp_path) == []


@pytest.mark.parametrize("which", range(3))
def test_one_of_which_something_was_changed_is_not_sound(tmp_path, which):
    release = stored(tmp_path, OLD, 1)
    assert release.is_sound
    path = release.files[which]
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert release.is_whole
    assert not release.is_sound


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (f".{NEW}.json", '{"id": "abbb'),  # of one who was killed
        (f"{NEW}.json", '{"id": "abbb'),
        (f"{NEW}.json", ""),
        (f"{NEW}.json", "[]"),
        (f"{NEW}.json", '{"id": 5, "files": {}}'),  # a note of a shelf
        (f"{NEW}.json", b"\xff\xfe"),
        ("latest.json", "{}"),
        ("mine.json", "{}"),
    ],
)
def test_a_file_that_is_no_release_is_in_nobody_s_way(tmp_path, name, content):
    ours = stored(tmp_path, OLD, 1)
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert read_releases(tmp_path) == [ours]
    assert read_release(tmp_path, "aaaa") == ours


def test_a_release_whose_note_speaks_of_other_files_is_none(tmp_path):
    ours = stored(tmp_path, OLD, 1)
    facts = ours.to_store()
    facts["archives"] = {"../elsewhere": facts["archives"].popitem()[1]}
    tmp_path.joinpath(f"{OLD}.json").write_text(json.dumps(facts))
    assert read_releases(tmp_path) == []
