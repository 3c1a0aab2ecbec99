"""Old releases go, and what only they needed; never what may be served again."""

from __future__ import annotations

import os
import time

import pytest

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
