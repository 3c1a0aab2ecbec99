"""A release of this very source, made twice, and on a host that has no network."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from bakery.release.contents import sources
from bakery.release.make import make_release
from bakery.release.store import read_releases
from tests.bakery.host.machine import Host
from tests.processes import ROOT, wait_until

pytestmark = pytest.mark.slow

# The one that a host has, where there is one: it lacks packages and patches of ours.
DEBIANS = Path("/usr/bin/python3.11")


@pytest.fixture(scope="module")
def releases(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("releases")


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    """A copy of this source: it stays as it is while the tests read it."""
    folder = tmp_path_factory.mktemp("source")
    for path in sources(ROOT):
        target = folder / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    return folder


@pytest.fixture(scope="module")
def release(releases, source):
    return make_release(releases, source=source)


def test_it_holds_files_facts_and_built_assets_and_nothing_secret(release):
    with tarfile.open(release.path) as tar:
        names = set(tar.getnames())
        facts = json.load(tar.extractfile("release.json"))
    assert facts == release.to_json()
    assert {"manage.py", "static/staticfiles.json", "bakery/host/run/web"} <= names
    assert any(name.startswith("static/shop/storefront.") for name in names)
    assert not [
        n for n in names if n.startswith(("tests/", "var/", ".")) or ".git" in n
    ]
    assert "shop.0001_initial" in release.migrations


def test_the_same_source_gives_the_same_bytes_anywhere(
    release, source, tmp_path, monkeypatch
):
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(source, elsewhere, copy_function=shutil.copyfile)
    for path in elsewhere.rglob("*"):
        runs = source.joinpath(path.relative_to(elsewhere)).stat().st_mode & 0o100
        path.chmod(0o700 if path.is_dir() or runs else 0o600)
    into = tmp_path / "into"
    into.mkdir()
    into.joinpath(release.wheels.name).symlink_to(release.wheels)
    epoch = str(int(release.made_at.timestamp()))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    again = make_release(into, source=elsewhere)
    assert (again.id, again.lock) == (release.id, release.lock)
    assert again.path.read_bytes() == release.path.read_bytes()
    assert again.agent.read_bytes() == release.agent.read_bytes()


def test_what_was_made_is_found_again(release, releases, source):
    before = release.path.stat().st_mtime_ns
    assert make_release(releases, source=source) == release
    assert read_releases(releases) == [release]
    assert release.path.stat().st_mtime_ns == before
    assert not [path for path in releases.iterdir() if path.name.startswith(".")]


def test_a_change_makes_another_release(release, releases, source, tmp_path):
    changed = tmp_path / "changed"
    shutil.copytree(source, changed)
    with changed.joinpath("shop/static/shop/storefront.css").open("a") as css:
        css.write("/* another */\n")
    other = make_release(releases, source=changed)
    assert other.id != release.id
    assert other.lock == release.lock
    assert {each.id for each in read_releases(releases)} == {other.id, release.id}


@pytest.fixture
def host(tmp_path):
    host = Host(tmp_path)
    yield host
    host.clean_up()


def test_a_host_builds_it_without_network_and_serves_it(release, host, tmp_path):
    python = DEBIANS if DEBIANS.exists() else Path(sys.executable)
    incoming = host.base / "incoming"
    incoming.mkdir(parents=True)
    shutil.copy(release.path, incoming)
    shutil.copy(release.wheels, incoming)
    nowhere = {"PATH": os.environ["PATH"], "PIP_INDEX_URL": "http://127.0.0.1:1/"}
    agent = [python, release.agent]
    words = [*agent, "install", release.id, "--base", host.base]
    installed = subprocess.run(words, env=nowhere, capture_output=True, text=True)
    assert installed.returncode == 0, installed.stdout + installed.stderr
    home = host.base / "releases" / release.id
    host.write_environment(f"DATABASE_URL=sqlite:///{tmp_path}/shop.sqlite3\n")
    host.configure()
    path = host.base / "shared/host"
    path.write_text(path.read_text().replace("FLEET=try\n", ""))
    manage = [home / "bakery/host/run/manage", host.base]
    prepared = subprocess.run([*manage, "prepare"], capture_output=True, text=True)
    assert prepared.returncode == 0, prepared.stdout + prepared.stderr
    web = subprocess.Popen([home / "bakery/host/run/web", host.base])
    try:
        assert wait_until(lambda: host.get("/ready")[:2] == (200, release.id), 60)
        manifest = json.loads(home.joinpath("static/staticfiles.json").read_text())
        css = manifest["paths"]["shop/storefront.css"]
        assert host.get(f"/static/{css}")[0] == 200
        assert "storefront" in host.get("/")[2]
    finally:
        web.terminate()
        web.wait()
    assert sorted(home.rglob("*.pyc"))  # compiled when it was installed
    assert written_since_install(home) == []


def written_since_install(home: Path) -> list[Path]:
    """A release is not written into by what runs in it."""
    at = home.joinpath(".venv").lstat().st_mtime
    return [
        path
        for path in home.rglob("[!.]*")
        if path.is_file() and path.suffix != ".pyc" and path.lstat().st_mtime > at
    ]
