"""A release knows its id and keeps its static files inside; a source tree does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings

from bakery.assets import gather_static_files
from settings.release import is_made, release_name, static_root


@pytest.fixture
def release(tmp_path) -> Path:
    tmp_path.joinpath("release.json").write_text('{"id": "0123456789abcdef"}')
    return tmp_path


def test_a_release_calls_itself_by_its_id(release):
    assert is_made(release)
    assert release_name(release) == "0123456789abcdef"
    assert static_root(release, Path("/srv/bakery/var")) == release / "static"


@pytest.mark.parametrize("said", ["monday", ""])
def test_no_environment_gives_a_release_another_name(release, monkeypatch, said):
    """Its host waits until it answers with its id."""
    monkeypatch.setenv("RELEASE", said)
    assert release_name(release) == "0123456789abcdef"


def test_a_source_tree_is_called_what_the_environment_says(tmp_path, monkeypatch):
    monkeypatch.setenv("RELEASE", "monday")
    assert release_name(tmp_path) == "monday"


def test_a_source_tree_has_the_version(tmp_path):
    assert not is_made(tmp_path)
    assert release_name(tmp_path) == "0.1.0"
    assert static_root(tmp_path, Path("/srv/var")) == Path("/srv/var/static")
    assert settings.IS_RELEASE is False


def test_nobody_gathers_static_files_into_a_release(tmp_path):
    with override_settings(IS_RELEASE=True, STATIC_ROOT=tmp_path / "static"):
        gather_static_files()
    assert list(tmp_path.iterdir()) == []
