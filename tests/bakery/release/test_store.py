"""Releases that were made are found again; half a one is none."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from bakery.release.store import Release, read_release, read_releases


def stored(folder, name: str, minute: int) -> Release:
    release = Release(
        id=name,
        path=folder / f"{name}.tar.gz",
        lock="feed",
        made_at=datetime(2026, 11, 22, 10, minute, tzinfo=UTC),
        python="3.11",
        migrations=("shop.0001_initial",),
        sources="beef",
    )
    for path in (release.path, release.wheels, release.agent):
        path.touch()
    folder.joinpath(f"{name}.json").write_text(json.dumps(release.to_json()))
    return release


def test_releases_are_read_as_they_were_written_the_newest_first(tmp_path):
    older, newer = stored(tmp_path, "aaaa", 1), stored(tmp_path, "abbb", 2)
    assert read_releases(tmp_path) == [newer, older]
    assert read_releases(tmp_path / "nowhere") == []


def test_a_release_is_found_by_the_beginning_of_its_id_if_only_one_has_it(tmp_path):
    older, newer = stored(tmp_path, "aaaa", 1), stored(tmp_path, "abbb", 2)
    assert read_release(tmp_path, "aaaa") == older
    assert read_release(tmp_path, "ab") == newer
    assert read_release(tmp_path, "a") is None
    assert read_release(tmp_path, "") is None
    assert read_release(tmp_path, "c") is None


def test_one_of_which_something_is_missing_is_not_there(tmp_path):
    release = stored(tmp_path, "aaaa", 1)
    release.wheels.unlink()
    assert read_releases(tmp_path) == []
