"""What one who was killed has left goes; what is damaged is made anew."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bakery.release import make
from bakery.release.make import NotMade, make_release
from tests.bakery.release.test_store import OLD, stored
from tests.processes import ROOT


@pytest.fixture
def stops(monkeypatch):
    """Whoever makes a release is stopped when it comes to the packages."""

    def stop(*given):
        raise NotMade("stopped")

    monkeypatch.setattr(make, "make_wheelhouse", stop)


def test_drafts_go_and_nothing_of_anybody_else(tmp_path, stops):
    left = [".making-abc", f".{OLD}.json", f".{OLD}.json.77", f".{OLD}.tar.gz.77"]
    others = [".profile", f"{OLD}.notes", ".git", f".{OLD}", "latest.json"]
    for name in [*left, *others]:
        (tmp_path / name).write_text("")
    with pytest.raises(NotMade):
        make_release(tmp_path, source=ROOT)
    there = {path.name for path in tmp_path.iterdir()}
    assert there == {*others, "release.lock"}


def test_packages_that_are_no_longer_what_they_were_are_fetched_again(tmp_path):
    release = stored(tmp_path, OLD, 1)
    assert make._has_wheels(tmp_path, release.lock)
    release.wheels.write_bytes(release.wheels.read_bytes()[:-1])
    assert not make._has_wheels(tmp_path, release.lock)
    release.wheels.unlink()
    assert not make._has_wheels(tmp_path, release.lock)


def test_packages_of_which_no_release_tells_are_taken_as_they_are(tmp_path):
    release = replace(stored(tmp_path, OLD, 1), lock="0" * 16)
    release.wheels.write_text("put here by somebody")
    assert make._has_wheels(tmp_path, release.lock)
