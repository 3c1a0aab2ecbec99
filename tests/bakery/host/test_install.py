"""Releases and environments on a host: whole or not there, with no network."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tarfile
import zipfile

import pytest

from bakery.release.archive import write_plain_archive
from tests.bakery.host.small import LOAF, SmallRelease, loaf


def python_in(host, release) -> str:
    """What the release's own Python says about its package."""
    words = [host.base / "releases" / release.id / ".venv/bin/python", "-c"]
    code = "import loaf, os, sys; print(loaf.crust, os.path.realpath(sys.prefix))"
    answer = subprocess.run([*words, code], capture_output=True, text=True, check=True)
    return answer.stdout.strip()


def brought_without_its_package(host, small) -> SmallRelease:
    release = small("good")
    release.bring_to(host.base)
    path = host.base / "incoming" / release.wheels.name
    with tarfile.open(release.wheels) as full, tarfile.open(path, "w") as tar:
        for member in full.getmembers():
            if member.name != LOAF:
                tar.addfile(member, full.extractfile(member))
    return release


def test_a_release_gets_files_and_an_environment(host, small):
    release = small("good")
    release.bring_to(host.base)
    code, said = host.run("install", release.id)
    steps = [line["step"] for line in said]
    assert (code, steps) == (0, ["unpacked", "building environment", "installed"])
    assert python_in(host, release) == f"True {host.base}/environments/{release.lock}"
    link = host.base / "releases" / release.id / ".venv"
    assert os.readlink(link) == f"../../environments/{release.lock}"
    assert list((host.base / "incoming").iterdir()) == []
    assert list((host.base / "wheels").iterdir()) == []
    state = host.state
    assert state["releases"] == [release.id]
    assert state["environments"] == [release.lock]


def test_installing_again_changes_nothing(host, small):
    release = small("good")
    release.bring_to(host.base)
    host.run("install", release.id)
    before = (host.base / "environments" / release.lock).stat().st_ino
    assert host.run("install", release.id)[1][-1]["step"] == "installed"
    assert len(host.run("install", release.id)[1]) == 1
    assert (host.base / "environments" / release.lock).stat().st_ino == before


def test_a_second_release_shares_the_environment(host, small):
    first, second = small("good"), small("better")
    for release in (first, second):
        release.bring_to(host.base)
        code, said = host.run("install", release.id)
        assert code == 0
    assert [line["step"] for line in said] == ["unpacked", "installed"]
    assert host.state["environments"] == [first.lock]
    assert host.state["releases"] == [second.id, first.id]


def test_two_at_once_install_it_once(host, small):
    release = small("good")
    release.bring_to(host.base)
    both = [host.agent("install", release.id) for _ in range(2)]
    said = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sum(text.count("building environment") for text in said) == 1
    assert python_in(host, release).startswith("True")


def test_what_was_killed_half_way_is_finished_by_the_next(host, small):
    release = small("good")
    release.bring_to(host.base)
    process = host.agent("install", release.id)
    for line in process.stdout:
        if json.loads(line)["step"] == "building environment":
            process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert host.state["environments"] == []
    assert host.run("install", release.id)[0] == 0
    assert python_in(host, release).startswith("True")


def test_a_changed_package_is_refused_and_the_right_one_heals_it(host, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    bad = SmallRelease(other, "good", wheel=loaf().replace(b"True", b"Fals"))
    bad.bring_to(host.base)
    code, said = host.run("install", bad.id)
    assert (code, "HASH" in said[-1]["error"].upper()) == (1, True)
    assert host.state["environments"] == []
    good = SmallRelease(tmp_path, "good")
    assert (good.id, good.lock) == (bad.id, bad.lock)
    good.bring_to(host.base)
    assert host.run("install", good.id)[0] == 0
    assert python_in(host, good).startswith("True")


def test_a_changed_pip_is_refused_before_it_runs(host, small, tmp_path):
    release = small("good")
    ran = tmp_path / "ran"
    wheels = release.wheels.with_name("wheels")
    [pip] = wheels.glob("pip-*.whl")
    with zipfile.ZipFile(pip, "w") as wheel:
        wheel.writestr("pip/__main__.py", f"open({str(ran)!r}, 'w')")
    write_plain_archive(release.wheels, wheels)
    release.bring_to(host.base)
    code, said = host.run("install", release.id)
    assert (code, ran.exists()) == (1, False)
    assert "no pip with a hash" in said[-1]["error"]
    assert host.state["environments"] == []


def test_an_environment_is_not_built_from_anywhere_else(host, small):
    """Its package is not among the wheels, and no index is asked."""
    release = brought_without_its_package(host, small)
    code, said = host.run("install", release.id)
    assert (code, "loaf" in said[-1]["error"]) == (1, True)
    assert host.state["environments"] == []


def test_a_release_for_another_python_is_refused_before_anything_is_built(
    host, small, monkeypatch
):
    monkeypatch.setattr("tests.bakery.host.small.PYTHON", "3.99")
    release = small("good")
    release.bring_to(host.base)
    code, said = host.run("install", release.id)
    assert code == 1
    assert "made for Python 3.99" in said[-1]["error"]
    assert host.state["environments"] == []


def test_without_archives_the_words_say_what_is_missing(host, small):
    code, said = host.run("install", small("good").id)
    assert (code, "Cannot unpack" in said[-1]["error"]) == (1, True)
    assert host.holds_nothing


def test_a_host_with_nothing_on_it_has_a_state(host):
    state = host.state
    assert (state["current"], state["releases"], state["roles"]) == ("", [], [])
    assert (state["environment_file"], state["lock"]) == ("missing", {})
    assert state["disk_free_bytes"] > 0
    assert not host.base.exists()


def test_a_failed_environment_leaves_the_disk_as_it_was(host, small):
    release = brought_without_its_package(host, small)
    assert host.run("install", release.id)[0] == 1
    for folder in ("environments", "wheels"):
        assert list(host.base.joinpath(folder).iterdir()) == []


@pytest.mark.usefixtures("built_before")
def test_a_release_that_a_power_cut_has_damaged_is_replaced(host, small):
    """Its files are there and empty: nobody looks at each of them again but here."""
    release = small("good")
    release.bring_to(host.base)
    host.run("install", release.id)
    server = host.base / "releases" / release.id / "server.py"
    whole = server.read_text()
    server.write_text("")
    code, said = host.run("install", release.id)
    assert (code, "is damaged on this host" in said[-1]["error"]) == (1, True)
    release.bring_to(host.base)
    assert host.run("install", release.id)[0] == 0
    assert server.read_text() == whole
    assert os.readlink(server.parent / ".venv").endswith(release.lock)
