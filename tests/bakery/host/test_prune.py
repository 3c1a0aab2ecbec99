"""Old releases go, and what only they needed; never what may be served again."""

from __future__ import annotations

import os
import shutil
import time

import pytest

from bakery.host.disk import clear_halves, take_away
from bakery.host.layout import Layout

pytestmark = pytest.mark.usefixtures("built_before")


def installed(host, small, *kinds: str):
    """Releases on the host, the first one the oldest."""
    host.write_environment("")
    host.configure()
    made = [small(kind) for kind in kinds]
    for age, release in enumerate(reversed(made)):
        release.bring_to(host.base)
        assert host.run("install", release.id)[0] == 0
        at = time.time() - 100 * age
        os.utime(host.base / "releases" / release.id, (at, at))
    return made


def test_the_oldest_go(host, small):
    made = installed(host, small, "a", "b", "c", "d")
    code, said = host.run("prune", "--keep", "2")
    assert (code, set(said[-1]["gone"])) == (0, {made[0].id, made[1].id})
    assert host.state["releases"] == [made[3].id, made[2].id]
    assert host.run("prune", "--keep", "2")[1][-1]["gone"] == []


def test_what_is_served_or_may_be_again_stays_however_old(host, small):
    made = installed(host, small, "a", "b", "c", "d")
    layout = Layout(host.base)
    layout.point(layout.current, made[1].id)
    layout.point(layout.previous, made[0].id)
    assert host.run("prune", "--keep", "1")[1][-1]["gone"] == [made[2].id]
    assert host.state["releases"] == [made[3].id, made[1].id, made[0].id]


def test_half_of_a_release_is_none_and_can_be_installed(host, small):
    """What a prune or an install left that somebody killed."""
    [release] = installed(host, small, "a")
    releases = host.base / "releases"
    releases.joinpath(release.id, "release.json").unlink()
    for name in (".gone-0123", ".unpacking-0123"):
        shutil.copytree(releases / release.id, releases / name, symlinks=True)
        releases.joinpath(name, "release.json").write_text("{}")
    assert host.state["releases"] == []
    release.bring_to(host.base)
    assert host.run("install", release.id)[0] == 0
    assert host.state["releases"] == [release.id]
    assert [path.name for path in releases.iterdir()] == [release.id]


def test_who_is_killed_while_something_goes_leaves_no_half(tmp_path):
    """The first thing that happens to a folder is that nobody meets it any more."""
    folder = tmp_path / "releases/0123"
    folder.mkdir(parents=True)
    folder.joinpath("release.json").touch()
    names = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shutil.rmtree", lambda path: names.append(path.name))
        take_away(folder)
    assert names == [".gone-0123"]
    assert not folder.exists()
    clear_halves(folder.parent)
    assert list(folder.parent.iterdir()) == []


def test_environments_go_with_the_last_release_that_needs_them(host, small):
    [release] = installed(host, small, "a")
    needless = host.base / "environments/0123456789abcdef"
    needless.mkdir()
    needless.joinpath(".complete").touch()
    host.run("prune")
    assert host.state["environments"] == [release.lock]


def test_archives_that_nobody_installed_go_after_a_day(host, small):
    installed(host, small, "a")
    late, early = (host.base / "incoming" / name for name in ("late.tar", "early.tar"))
    for path in (late, early):
        path.touch()
    yesterday = time.time() - 25 * 3600
    os.utime(early, (yesterday, yesterday))
    host.run("prune")
    assert (late.exists(), early.exists()) == (True, False)
