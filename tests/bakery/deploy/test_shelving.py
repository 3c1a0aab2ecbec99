"""What the fleet runs is what new clones fetch, over real ssh, by the real command."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from bakery.deploy.report import Report
from bakery.deploy.shelving import on_shelf
from bakery.instances.cloning import CannotChange, Growth
from bakery.release.store import Release
from tests.bakery.release.test_publishing import release
from tests.processes import ROOT

MANAGE = """#!/bin/sh
export DJANGO_SETTINGS_MODULE=settings.prod VAR_DIR='{folder}' SECRET_KEY='the same'
export DATABASE_URL='sqlite:///none.sqlite3' STORAGE_URL='file:///{media}?shared=1'
shift
cd '{root}' && exec '{python}' -B manage.py "$@"
"""


@pytest.fixture
def made(tmp_path) -> Path:
    folder = tmp_path / "made"
    folder.mkdir()
    return folder


def installed(base: Path, name: str, media: str = "media") -> None:
    """The shop's command where a release has it, with the fleet's variables."""
    path = base / f"releases/{name}/bakery/host/run/manage"
    path.parent.mkdir(parents=True, exist_ok=True)
    facts = {"folder": base, "root": ROOT, "python": sys.executable, "media": media}
    path.write_text(MANAGE.format(**facts))
    path.chmod(0o755)
    base.joinpath("incoming").mkdir(exist_ok=True)


def test_archives_travel_once_and_a_rollback_moves_the_latest_back(app1, made):
    base = Path(app1.fleet.path)
    shelf = base / "media/releases"
    report = Report("deploy", "")
    sent: list[Path] = []
    put = app1.put

    def counted(content, path) -> None:
        if isinstance(content, Path):
            sent.append(content)
        put(content, path)

    app1.put = counted
    a, b = release(made, "a"), release(made, "b")
    for each in (a, b, a):
        installed(base, each.id)
        on_shelf(app1, each.id, each, report)
        assert json.loads(shelf.joinpath("latest.json").read_text())["id"] == each.id
    assert sorted(sent) == sorted([a.path, a.wheels, b.path])
    on_shelf(app1, b.id, None, report)  # its archives are not on this machine
    assert json.loads(shelf.joinpath("latest.json").read_text())["id"] == b.id
    assert list(base.joinpath("incoming").iterdir()) == []
    assert report.left == []
    assert report.ok


def test_one_that_cannot_be_fetched_is_told_and_the_wrong_one_is_not_fetched(
    app1, made
):
    base = Path(app1.fleet.path)
    report = Report("rollback", "")
    a, b = release(made, "a"), release(made, "b")
    installed(base, a.id)
    installed(base, b.id)
    on_shelf(app1, b.id, b, report)
    on_shelf(app1, a.id, None, report)
    assert not base.joinpath("media/releases/latest.json").exists()
    assert report.ok
    [left] = report.left
    assert left.startswith(f"app1: new clones do not fetch {a.id}")
    assert "Left to you: app1: new clones do not" in report.in_words()


def test_a_storage_that_cannot_be_written_stops_nobody(app1, made):
    base = Path(app1.fleet.path)
    report = Report("deploy", "")
    ours: Release = release(made, "a")
    installed(base, ours.id, media="none.sqlite3")
    base.joinpath("none.sqlite3").touch()
    on_shelf(app1, ours.id, ours, report)
    assert report.ok
    assert len(report.left) == 1
    assert list(base.joinpath("incoming").iterdir()) == []


def test_a_new_clone_fetches_the_fleet_s_release_if_this_machine_has_it_not(
    app1, fleet, made, tmp_path
):
    base = Path(app1.fleet.path)
    report = Report("deploy", "")
    running, baked = release(made, "a"), release(made, "b", lock="b" * 16)
    for each in (running, baked):
        installed(base, each.id)
        on_shelf(app1, each.id, each, report)
    shutil.rmtree(base / "releases" / running.id)
    file = tmp_path / "fleet.toml"
    file.write_text(fleet.text)
    growth = Growth(file, tmp_path, tmp_path)
    growth.release = running.id
    growth._bring_release(app1, [baked.id])
    there = {path.name: path.read_bytes() for path in (base / "incoming").iterdir()}
    assert there[running.path.name] == running.path.read_bytes()
    with pytest.raises(CannotChange):
        growth._bring_release(app1, [])
