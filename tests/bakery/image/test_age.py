"""Debian's part is fetched again when it is wanted fresh, and its age is told."""

from __future__ import annotations

import os
import subprocess
from datetime import date
from pathlib import Path

import pytest

from bakery.image import rootfs
from bakery.image.rootfs import FETCHED, ImageError, root_folder
from bakery.image.superclone import OLD_DAYS, Image, make_image
from tests.bakery.release.test_store import OLD, stored

# Makes a tar in place of Debian, as mmdebstrap is called.
MAKER = """#!/bin/sh
for word; do last=$word; done
mkdir -p {folder}/root/etc/bakery && cd {folder} && tar -cf "$last" root
echo fetched >>{folder}/log
"""


@pytest.fixture
def fetched(tmp_path, monkeypatch):
    """How often Debian was asked; programs that need root are played by scripts."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, text in (
        ("mmdebstrap", MAKER.format(folder=programs)),
        ("chroot", "#!/bin/sh\n"),
    ):
        programs.joinpath(name).write_text(text)
        programs.joinpath(name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setattr(rootfs, "PATH", f"{programs}:{rootfs.PATH}")
    log = programs / "log"
    return lambda: len(log.read_text().splitlines()) if log.exists() else 0


def test_debian_is_fetched_once_and_again_when_it_is_to_be_fresh(tmp_path, fetched):
    cache = tmp_path / "images"
    first = root_folder(cache)
    assert root_folder(cache) == first
    assert fetched() == 1
    second = root_folder(cache, fresh=True)
    assert fetched() == 2
    assert second != first
    assert root_folder(cache) == second
    assert len(list(cache.glob("base-*.tar"))) == 1
    assert date.fromisoformat((second / FETCHED).read_text().strip())


@pytest.mark.parametrize(
    ("days", "told"), [(0, False), (OLD_DAYS - 1, False), (OLD_DAYS, True)]
)
def test_an_image_reminds_of_old_packages(tmp_path: Path, days, told):
    path = tmp_path / FETCHED
    path.parent.mkdir(parents=True)
    path.write_text("2026-03-01\n")
    image = Image("aa", "bb", tmp_path)
    today = date.fromordinal(date(2026, 3, 1).toordinal() + days)
    words = image.reminder(today)
    assert bool(words) is told
    if told:
        assert f"{OLD_DAYS} days old" in words
        assert "image --fresh" in words


def test_the_first_boot_is_a_script_that_a_shell_reads():
    script = rootfs.TREE / "sbin/bakery-first-boot"
    assert subprocess.run(["sh", "-n", script], check=False).returncode == 0


def test_no_image_is_made_of_a_damaged_release(tmp_path, fetched):
    release = stored(tmp_path, OLD, 1)
    release.path.write_bytes(release.path.read_bytes()[:-1] + b"?")
    with pytest.raises(ImageError, match="is damaged"):
        make_image(tmp_path / "images", release)
    assert fetched() == 0
